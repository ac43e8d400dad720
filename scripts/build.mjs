import { build } from 'esbuild';
import { nodeBuild } from './lib/build.mjs';

await build(nodeBuild());
