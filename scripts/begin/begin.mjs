// @ts-check
// Installs the node modules, among them the project's own Node 24, and hands over to a script under that Node.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ensureNodeModules } from './install.mjs';
import { node, root } from './paths.mjs';
import { environment, fail, run } from './shell.mjs';

const [, , script, ...args] = process.argv;
if (script === undefined || script === '--help') {
  console.log('Usage: node scripts/begin.cjs <script> [arguments…]. "npm run" lists the commands.');
} else if (args[0] === '--help') {
  console.log(usageOf(script));
} else {
  await ensureNodeModules();
  // Ctrl+C in a terminal reaches the script without this process.
  process.on('SIGINT', () => {});
  process.exitCode = await run(node, [join(root, script), ...args], {
    cwd: process.cwd(),
    env: environment(),
    stdio: 'inherit',
    handOn: ['SIGTERM', 'SIGHUP'],
  });
}

/**
 * The comment at the top of a script, from its usage on: help needs no installation.
 * @param {string} path relative to the checkout.
 */
function usageOf(path) {
  const comment = /^\/\/ Usage: .*\n(\/\/.*\n)*/m.exec(readFileSync(join(root, path), 'utf8'))?.[0];
  return comment?.replaceAll(/^\/\/ ?/gm, '').trimEnd() ?? fail(`${path} says nothing about its use.`);
}
