import { ensureNodeModules, ensurePython } from './lib/setup.mjs';

await ensureNodeModules();
await ensurePython();
console.log('Everything is installed.');
