// Runs a script under the project's own Node 24, after installing and building what it needs.
// Usage: node scripts/run.mjs [--build] [--python] <script> [arguments…]
import { join } from 'node:path';
import { isBuilt } from './lib/build.mjs';
import { node, root } from './lib/paths.mjs';
import { ensureNodeModules, ensurePython } from './lib/setup.mjs';
import { environment, fail, run } from './lib/shell.mjs';

const args = process.argv.slice(2);
const flags = new Set();
while (args[0]?.startsWith('--')) flags.add(args.shift());
const [script, ...rest] = args;
if (!script) fail('Which script? node scripts/run.mjs [--build] [--python] <script> [arguments…]');

await ensureNodeModules();
if (flags.has('--python')) await ensurePython();
if (flags.has('--build') && !isBuilt()) {
  const code = await run(node, [join(root, 'scripts', 'build.mjs')]);
  if (code !== 0) fail('The build failed; the message is above.');
}
// The caller's folder stays the working directory, so that relative paths mean what they say.
const cwd = process.env.INIT_CWD ?? process.cwd();
const child = run(node, [join(root, script), ...rest], { cwd, stdio: 'inherit', env: environment() });
for (const signal of ['SIGINT', 'SIGTERM']) process.on(signal, () => {});
process.exitCode = await child;
