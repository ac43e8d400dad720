import { build } from 'esbuild';
import { builds } from './lib/build.mjs';

await Promise.all(builds().map((options) => build(options)));
