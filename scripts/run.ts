// Runs a script after installing and building what it needs; begin.cjs hands over to this under the project's own Node 24.
// Usage: node scripts/begin.cjs scripts/run.ts [--build] [--python] [--alone] <script> [arguments…]
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withLock } from './begin/lock.mjs';
import { locks, root } from './begin/paths.mjs';
import { fail } from './begin/shell.mjs';
import { ensureBuilt, ensurePython } from './lib/setup.ts';

const args = process.argv.slice(2);
const flags = new Set<string>();
for (let flag = args[0]; flag?.startsWith('--'); flag = args[0]) {
  flags.add(flag);
  args.shift();
}
const [script, ...rest] = args;
if (script === undefined) fail('Which script?');

if (flags.has('--python')) await ensurePython();
if (flags.has('--build')) await ensureBuilt();

/** The script reads its arguments, and relative paths, as if the caller had started it. */
async function work(path: string): Promise<void> {
  process.argv.splice(1, process.argv.length, path, ...rest);
  process.chdir(process.env['INIT_CWD'] ?? process.cwd());
  await import(pathToFileURL(path).href);
}

const path = join(root, script);
// With `--alone`, a command never runs twice at once.
if (flags.has('--alone')) await withLock(join(locks, rest[0] ?? script), `making the ${rest[0]}`, () => work(path));
else await work(path);
