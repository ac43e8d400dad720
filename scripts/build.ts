import { buildAll, ensureBuilt } from './lib/build.ts';

await (process.argv.includes('--if-needed') ? ensureBuilt() : buildAll());
