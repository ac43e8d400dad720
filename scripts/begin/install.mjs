// @ts-check
// Read before anything is installed: it imports no package.
import './nodeVersion.cjs';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from './lock.mjs';
import { beginLog } from './log.mjs';
import { areInstalled } from './nodeModules.mjs';
import { locks, node, root, windows } from './paths.mjs';
import { fail, output, step } from './shell.mjs';

/**
 * Does what is not done yet, once, however many commands of this checkout need it at the same time.
 * @param {string} name
 * @param {string} what
 * @param {() => boolean} isDone
 * @param {() => Promise<void>} work
 */
export async function once(name, what, isDone, work) {
  if (isDone()) return;
  await withLock(join(locks, name), what, async () => {
    if (!isDone()) await work();
  });
}

const areNodeModulesReady = () => areInstalled(root) && existsSync(node);

/** Node modules, among them the project's own Node 24. */
export async function ensureNodeModules() {
  await once('node-modules', 'installing node modules', areNodeModulesReady, async () => {
    const log = beginLog('npm');
    /**
     * @param {readonly string[]} args
     * @param {boolean} scripts
     */
    const npm = (args, scripts) =>
      log.run('npm', [...args, '--no-audit', '--no-fund', '--no-update-notifier', '--loglevel=error'], {
        // .npmrc forbids install scripts, among them one that downloads CUDA for ONNX Runtime; one is needed.
        env: { ...process.env, npm_config_ignore_scripts: String(!scripts) },
        shell: windows,
      });
    const code = await step('Installing node modules (about a minute)', async () => {
      const installed = areInstalled(root) ? 0 : await npm(['ci', '--include=dev', '--include=optional'], false);
      return installed === 0 ? npm(['rebuild', 'node'], true) : installed;
    });
    if (code !== 0) {
      fail(
        `npm could not install the node modules:\n${log.ending()}`,
        'A package registry must be reachable for the first run.',
      );
    }
    if (!areInstalled(root))
      fail('npm did not install what package-lock.json names.', `What it printed is in ${log.path}`);
    const version = output(node, ['-p', 'process.version']);
    if (!version?.startsWith('v24.')) {
      fail(
        `The project runs under its own Node 24, which npm should have placed at ${node}; found ${version ?? 'nothing'}.`,
        `What npm printed is in ${log.path}`,
      );
    }
  });
}
