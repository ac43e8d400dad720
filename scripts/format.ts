import { python, tool } from './lib/paths.mjs';
import { run } from './lib/shell.mjs';

const codes = [await run(tool('oxfmt'), ['.']), await run(python, ['-m', 'ruff', 'format', 'trainer'])];
process.exitCode = codes.some((code) => code !== 0) ? 1 : 0;
