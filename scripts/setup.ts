import { ensureNodeModules, ensurePython } from './lib/setup.mjs';

if (process.argv.includes('--help')) {
  console.log('Usage: npm run setup. Installs the node modules and the Python environment of the trainer.');
} else {
  await ensureNodeModules();
  await ensurePython();
  console.log('Everything is installed.');
}
