// Read before anything is installed: it imports no package.
import './nodeVersion.cjs';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isBuilt } from './built.mjs';
import { installDebianPackages } from './debian.mjs';
import { withLock } from './lock.mjs';
import { beginLog } from './log.mjs';
import { areInstalled } from './nodeModules.mjs';
import { locks, node, python, root, venv, windows } from './paths.mjs';
import { pipProgress } from './pipProgress.mjs';
import { environment, fail, output, run, step } from './shell.mjs';
import { stamp } from './stamp.mjs';

const minimumPython = [3, 10];

const read = (path) => readFileSync(join(root, path), 'utf8');

/** Does what is not done yet, once, however many commands of this checkout want it at the same time. */
async function once(name, what, isDone, work) {
  if (!isDone()) await withLock(join(locks, name), what, async () => isDone() || work());
}

const areNodeModulesReady = () => areInstalled(root) && existsSync(node);

/** Node modules, among them the project's own Node 24. */
export async function ensureNodeModules() {
  await once('node-modules', 'installing node modules', areNodeModulesReady, async () => {
    const log = beginLog('npm');
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

/** Builds into dist/ where that was not done yet. The node modules must be there. */
export async function ensureBuilt() {
  if (isBuilt()) return;
  const code = await step('Building', () => run(node, [join(root, 'scripts', 'build.mjs'), '--if-needed']));
  if (code !== 0) fail('The build failed; the message is above.');
}

function findPython() {
  const candidates = windows
    ? [['py', '-3'], ['python']]
    : [['python3'], ['python3.13'], ['python3.12'], ['python3.11'], ['python']];
  const seen = [];
  for (const [command, ...args] of candidates) {
    const version = output(command, [...args, '-c', 'import sys; print("%d.%d" % sys.version_info[:2])']);
    if (!version) continue;
    seen.push(version);
    const [major = 0, minor = 0] = version.split('.').map(Number);
    if (major === minimumPython[0] && minor >= minimumPython[1]) return [command, ...args];
  }
  const wanted = minimumPython.join('.');
  return fail(
    seen.length > 0
      ? `Training needs Python ${wanted} or newer; found only ${seen.join(', ')}.`
      : `Training needs Python ${wanted} or newer, and none is on the PATH.`,
    'Install one from python.org or your package manager, then try again.',
  );
}

async function requireDebianPackages(packages, reason) {
  const advice = await installDebianPackages(packages);
  if (advice !== null) fail(reason, advice);
}

/** A virtual environment that pip can install into; one that was broken off is made anew. */
async function ensureVenv() {
  if (existsSync(python) && output(python, ['-I', '-m', 'pip', '--version']) !== null) return;
  const [command, ...args] = findPython();
  if (output(command, [...args, '-c', 'import venv, ensurepip']) === null) {
    await requireDebianPackages(['python3-venv'], 'Python lacks its venv module.');
  }
  const log = beginLog('venv');
  const made = await step('Making a Python virtual environment in trainer/.venv', () =>
    log.run(command, [...args, '-I', '-m', 'venv', '--clear', venv]),
  );
  if (made !== 0) fail(`The virtual environment could not be made:\n${log.ending()}`);
}

async function installPythonPackages() {
  const log = beginLog('pip');
  const quiet = ['--disable-pip-version-check', '--no-input', '--progress-bar', 'off'];
  const code = await step(
    'Installing PyTorch and Ultralytics (about 2 GB, some minutes)',
    () =>
      // Isolated from a PYTHONPATH and a PIP_USER of the caller; unbuffered, so that the log does not stand still.
      log.run(python, ['-I', '-u', '-m', 'pip', 'install', ...quiet, '-r', 'trainer/requirements-dev.txt'], {
        env: environment({ PIP_USER: '0' }),
      }),
    () => pipProgress(log.text()),
  );
  if (code !== 0) fail(`pip could not install the training packages:\n${log.ending()}`);
}

/** The Python virtual environment of `trainer/`, with pinned Ultralytics, torch and torchvision. */
export async function ensurePython() {
  const done = stamp(join(venv, '.setup-stamp'), [
    read('trainer/requirements.txt'),
    read('trainer/requirements-dev.txt'),
  ]);
  const isDone = () => done.isFresh() && existsSync(python);
  await once('python', 'installing the training environment', isDone, async () => {
    await ensureVenv();
    await installPythonPackages();
    if (output(python, ['-c', 'import cv2']) === null) {
      await requireDebianPackages(['libgl1', 'libglib2.0-0'], 'OpenCV does not load: it misses system libraries.');
      if (output(python, ['-c', 'import cv2']) === null) {
        await run(python, ['-c', 'import cv2']);
        fail('OpenCV still does not load; the message is above.');
      }
    }
    done.set();
  });
}
