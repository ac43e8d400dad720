import { buildAll, ensureBuilt } from './lib/build.mjs';

await (process.argv.includes('--if-needed') ? ensureBuilt() : buildAll());
