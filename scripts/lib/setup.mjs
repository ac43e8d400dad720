import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { node, python, root, venv, windows } from './paths.mjs';
import { environment, fail, output, run, step } from './shell.mjs';

const minimumPython = [3, 10];

/** A step is skipped when the files that it depends on are the same as when it last succeeded. */
function stamp(file, inputs) {
  const hash = createHash('sha256');
  for (const input of inputs) hash.update(readFileSync(join(root, input)));
  const value = hash.digest('hex');
  return {
    isFresh: () => existsSync(file) && readFileSync(file, 'utf8') === value,
    set() {
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, value);
    },
  };
}

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
  const done = stamp(join(root, 'node_modules', '.setup-stamp'), ['package.json', 'package-lock.json', '.npmrc']);
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

/** Installs Debian packages as root on Debian or Ubuntu; otherwise says what to install. */
async function ensureDebianPackages(packages, reason) {
  const canInstall = process.getuid?.() === 0 && existsSync('/etc/debian_version');
  if (!canInstall) fail(`${reason} Install: ${packages.join(' ')} (Debian names), then try again.`);
  const env = environment({ DEBIAN_FRONTEND: 'noninteractive' });
  const code = await step(`Installing Debian packages: ${packages.join(' ')}`, async () => {
    await run('apt-get', ['update', '-qq'], { env });
    return run('apt-get', ['install', '-y', '-qq', '--no-install-recommends', ...packages], { env });
  });
  if (code !== 0) fail(`${reason} apt-get could not install ${packages.join(' ')}; its message is above.`);
}

/** The Python virtual environment of `trainer/`, with pinned Ultralytics, torch and torchvision. */
export async function ensurePython() {
  const done = stamp(join(venv, '.setup-stamp'), ['trainer/requirements.txt', 'trainer/requirements-dev.txt']);
  if (done.isFresh() && existsSync(python)) return;
  const [command, ...args] = findPython();
  if (output(command, [...args, '-c', 'import venv, ensurepip']) === null) {
    await ensureDebianPackages(['python3-venv'], 'Python lacks its venv module.');
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
    await ensureDebianPackages(['libgl1', 'libglib2.0-0'], 'OpenCV does not load: it misses system libraries.');
    if (output(python, ['-c', 'import cv2']) === null) {
      await run(python, ['-c', 'import cv2']);
      fail('OpenCV still does not load; the message is above.');
    }
  }
  done.set();
}
