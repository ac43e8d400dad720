// Runs a script under the project's own Node 24, after installing and building what it needs.
import { join } from 'node:path';
import { withLock } from './lib/lock.mjs';
import { locks, node, root } from './lib/paths.mjs';
import { ensureBuilt, ensureNodeModules, ensurePython } from './lib/setup.mjs';
import { environment, fail, run } from './lib/shell.mjs';

const usage = 'Usage: node scripts/run.mjs [--build] [--python] [--alone] <script> [arguments…]';

const args = process.argv.slice(2);
const flags = new Set();
while (args[0]?.startsWith('--')) flags.add(args.shift());
if (flags.has('--help')) {
  console.log(usage);
  process.exit(0);
}
const [script, ...rest] = args;
if (!script) fail('Which script?', usage);

await ensureNodeModules();
if (flags.has('--python')) await ensurePython();
if (flags.has('--build')) await ensureBuilt();
// The caller's folder stays the working directory, so that relative paths mean what they say.
const cwd = process.env.INIT_CWD ?? process.cwd();
function work() {
  // Ctrl+C in a terminal reaches the script by itself.
  process.on('SIGINT', () => {});
  const handOn = ['SIGTERM', 'SIGHUP'];
  return run(node, [join(root, script), ...rest], { cwd, stdio: 'inherit', env: environment(), handOn });
}
// `--alone`: never twice at once, by the name of the command.
process.exitCode = flags.has('--alone')
  ? await withLock(join(locks, rest[0]), `making the ${rest[0]}`, work)
  : await work();
