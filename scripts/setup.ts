// Usage: npm run setup. Installs the node modules and the Python environment of the trainer.
import { ensurePython } from './lib/setup.ts';

await ensurePython();
console.log('Everything is installed.');
