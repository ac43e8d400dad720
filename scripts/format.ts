import { python, tool } from './begin/paths.mjs';
import { run } from './begin/shell.mjs';

const codes = [await run(tool('oxfmt'), ['.']), await run(python, ['-m', 'ruff', 'format', 'trainer'])];
process.exitCode = codes.some((code) => code !== 0) ? 1 : 0;
