import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isBuilt } from './built.ts';
import { installDebianPackages } from './debian.ts';
import { once } from '../begin/install.mjs';
import { beginLog } from '../begin/log.mjs';
import { node, python, root, venv, windows } from '../begin/paths.mjs';
import { pipProgress } from './pipProgress.ts';
import { environment, fail, output, run, step } from '../begin/shell.mjs';
import { stamp } from './stamp.ts';

const minimumPython = [3, 10] as const;

const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** Builds into dist/ if it is out of date. */
export async function ensureBuilt(): Promise<void> {
  if (isBuilt()) return;
  const code = await step('Building', () => run(node, [join(root, 'scripts', 'build.ts'), '--if-needed']));
  if (code !== 0) fail('The build failed; the message is above.');
}

type Command = readonly [command: string, ...args: string[]];

function findPython(): Command {
  const candidates: readonly Command[] = windows
    ? [['py', '-3'], ['python']]
    : [['python3'], ['python3.13'], ['python3.12'], ['python3.11'], ['python']];
  const seen: string[] = [];
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

async function requireDebianPackages(packages: readonly string[], reason: string): Promise<void> {
  const advice = await installDebianPackages(packages);
  if (advice !== null) fail(reason, advice);
}

/** A virtual environment that pip can install into; an incomplete one is made again. */
async function ensureVenv(): Promise<void> {
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

async function installPythonPackages(): Promise<void> {
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
export async function ensurePython(): Promise<void> {
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
