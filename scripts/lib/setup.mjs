import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { installDebianPackages } from './debian.mjs';
import { node, python, root, venv, windows } from './paths.mjs';
import { fail, output, run, step } from './shell.mjs';
import { installInputs, stamp } from './stamp.mjs';

const minimumPython = [3, 10];

const read = (path) => readFileSync(join(root, path), 'utf8');

export function requireNode() {
  const major = Number(process.versions.node.split('.')[0]);
  if (major < 20) {
    fail(
      `This needs Node 20 or newer to start; here is ${process.version}.`,
      'Install a current Node from nodejs.org or your package manager.',
    );
  }
}

/** Node modules, among them the project's own Node 24. */
export async function ensureNodeModules() {
  requireNode();
  const done = stamp(join(root, 'node_modules', '.setup-stamp'), [
    installInputs(read('package.json')),
    read('package-lock.json'),
    read('.npmrc'),
  ]);
  if (done.isFresh() && existsSync(node)) return;
  const code = await step('Installing node modules (about a minute)', () =>
    run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { env: process.env, shell: windows }),
  );
  if (code !== 0) fail('npm ci failed; its message is above. A package registry must be reachable for the first run.');
  const version = output(node, ['-p', 'process.version']);
  if (!version?.startsWith('v24.')) {
    fail(
      `The project runs under its own Node 24, which npm should have placed at ${node}; found ${version ?? 'nothing'}.`,
      'npm may have blocked its install script: run "npm rebuild node" and try again.',
    );
  }
  done.set();
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

/** The Python virtual environment of `trainer/`, with pinned Ultralytics, torch and torchvision. */
export async function ensurePython() {
  const done = stamp(join(venv, '.setup-stamp'), [
    read('trainer/requirements.txt'),
    read('trainer/requirements-dev.txt'),
  ]);
  if (done.isFresh() && existsSync(python)) return;
  const [command, ...args] = findPython();
  if (output(command, [...args, '-c', 'import venv, ensurepip']) === null) {
    await requireDebianPackages(['python3-venv'], 'Python lacks its venv module.');
  }
  if (!existsSync(python)) {
    const made = await step('Making a Python virtual environment in trainer/.venv', () =>
      run(command, [...args, '-m', 'venv', venv]),
    );
    if (made !== 0) fail('The virtual environment could not be made; the message is above.');
  }
  const installed = await step('Installing PyTorch and Ultralytics (about 2 GB, some minutes)', () =>
    run(python, [
      '-m',
      'pip',
      'install',
      '--quiet',
      '--disable-pip-version-check',
      '-r',
      'trainer/requirements-dev.txt',
    ]),
  );
  if (installed !== 0) fail('pip could not install the training packages; its message is above.');
  if (output(python, ['-c', 'import cv2']) === null) {
    await requireDebianPackages(['libgl1', 'libglib2.0-0'], 'OpenCV does not load: it misses system libraries.');
    if (output(python, ['-c', 'import cv2']) === null) {
      await run(python, ['-c', 'import cv2']);
      fail('OpenCV still does not load; the message is above.');
    }
  }
  done.set();
}
