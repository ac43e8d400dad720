import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';
import { TrainingError } from '../../core/session/errors.ts';
import type { TrainingEnvironment } from '../../workflow/ports/trainer.ts';
import { childEnvironment } from '../platform/childEnvironment.ts';
import { environmentOf, trainerStart } from './pythonStart.ts';

/** Where to search for a Python, in this order. If `configured` is set, no other is tried. */
export interface PythonSearch {
  /** Path or command from a setting. */
  readonly configured?: string | undefined;
  /** The folder whose `.venv` is tried. */
  readonly workspaceFolder?: string | undefined;
  /** Commands on the PATH. Default: `python3` and `python`; on Windows `py -3` and `python`. */
  readonly commands?: readonly (readonly string[])[] | undefined;
}

/** A command with leading arguments, such as `py -3`. */
type Candidate = readonly [command: string, ...args: string[]];

const minimum = [3, 10] as const;
const versionTimeoutMs = 30_000;
/** Long, because the first import of torch from a cold or remote disk is slow. */
const checkTimeoutMs = 180_000;
const missingExitCode = 3;
/** Lower is closer to a working Python; the search reports the lowest one. */
const severity = ['packages-missing', 'trainer-broken', 'python-too-old', 'python-missing'];

const versionOutput = z.object({ version: z.tuple([z.number(), z.number(), z.number()]), executable: z.string() });
/** Also valid in Python 2. Removes the first path entry, the current folder, so that nothing is imported from there. */
const versionScript =
  'import sys; del sys.path[0]; import json; print(json.dumps({"version": list(sys.version_info[:3]), "executable": sys.executable or ""}))';
const checkOutput = z.object({
  pythonVersion: z.string(),
  packages: z.record(z.string(), z.string()).default({}),
  devices: z.array(z.string()).default([]),
});
const missingOutput = z.object({ missing: z.array(z.string()).min(1) });

/**
 * Finds a Python that can train, and lets the trainer report its packages.
 * @throws TrainingError `python-missing`, `python-too-old`, `packages-missing`, `trainer-broken`: the error of the
 * candidate that is closest to working.
 */
export async function findPython(search: PythonSearch, trainerFolder: string): Promise<TrainingEnvironment> {
  let nearest: TrainingError | null = null;
  for (const candidate of await candidates(search)) {
    try {
      return await examine(candidate, trainerFolder);
    } catch (error) {
      if (!(error instanceof TrainingError)) throw error;
      if (nearest === null || severity.indexOf(error.code) < severity.indexOf(nearest.code)) nearest = error;
    }
  }
  throw nearest ?? pythonMissing('No Python was found.');
}

async function candidates(search: PythonSearch): Promise<Candidate[]> {
  // Resolve a path now, because the process starts in another folder.
  if (search.configured) return [[/[/\\]/.test(search.configured) ? resolve(search.configured) : search.configured]];
  const windows = process.platform === 'win32';
  const found: Candidate[] = [];
  if (search.workspaceFolder) {
    const python = join(search.workspaceFolder, '.venv', ...(windows ? ['Scripts', 'python.exe'] : ['bin', 'python']));
    if (
      await access(python).then(
        () => true,
        () => false,
      )
    )
      found.push([python]);
  }
  const commands = search.commands ?? (windows ? [['py', '-3'], ['python']] : [['python3'], ['python']]);
  for (const [command, ...args] of commands) if (command !== undefined) found.push([command, ...args]);
  return found;
}

async function examine(candidate: Candidate, trainerFolder: string): Promise<TrainingEnvironment> {
  const python = await askVersion(candidate, trainerFolder);
  const start = trainerStart(python, trainerFolder, ['--check']);
  const output = await ask([python], start.args, checkTimeoutMs, environmentOf(start), trainerFolder);
  if (output.exitCode === 0) {
    const checked = checkOutput.safeParse(lastJson(output.stdout));
    if (checked.success) return { python, ...checked.data };
  }
  const missing = missingOutput.safeParse(lastJson(output.stdout));
  if (output.exitCode === missingExitCode && missing.success) {
    const names = missing.data.missing;
    throw new TrainingError(
      'packages-missing',
      `${python} lacks ${names.length === 1 ? 'a package' : 'packages'} that training needs: ${names.join(', ')}.`,
      `Install them in one call: ${quote(python)} -m pip install -r ${quote(join(trainerFolder, 'requirements.txt'))}`,
      { where: python },
    );
  }
  throw new TrainingError(
    'trainer-broken',
    `${python} could not run the trainer${output.timedOut ? ` within ${checkTimeoutMs / 1000} s` : ''}: ${output.reason}`,
    `Try it in a terminal, in the folder ${quote(trainerFolder)}: ${quote(python)} -m al_trainer --check. A new virtual environment often helps.`,
    { where: python },
  );
}

/** @returns the path of the real interpreter behind a launcher such as `py -3` or a version manager. */
async function askVersion(candidate: Candidate, trainerFolder: string): Promise<string> {
  const name = candidate.join(' ');
  const output = await ask(
    candidate,
    ['-E', '-c', versionScript],
    versionTimeoutMs,
    childEnvironment('work'),
    trainerFolder,
  );
  const found = versionOutput.safeParse(lastJson(output.stdout));
  if (output.exitCode !== 0 || !found.success) {
    throw pythonMissing(
      output.error === 'ENOENT' ? `There is no ${name}.` : `${name} is no Python that runs: ${output.reason}`,
      candidate[0],
    );
  }
  const { version, executable } = found.data;
  if (version[0] < minimum[0] || (version[0] === minimum[0] && version[1] < minimum[1])) {
    throw new TrainingError(
      'python-too-old',
      `${name} is Python ${version.join('.')}; training needs Python ${minimum.join('.')} or newer.`,
      `Install Python ${minimum.join('.')} or newer, or name another one in the Python setting.`,
      { where: executable || candidate[0] },
    );
  }
  return executable || candidate[0];
}

interface Answer {
  readonly exitCode: number | undefined;
  readonly error: string | undefined;
  readonly timedOut: boolean;
  readonly stdout: string;
  /** A one-line reason for a message. */
  readonly reason: string;
}

async function ask(
  [command, ...first]: Candidate,
  args: readonly string[],
  timeout: number,
  env: Record<string, string>,
  cwd: string,
): Promise<Answer> {
  const result = await execa(command, [...first, ...args], {
    env,
    extendEnv: false,
    cwd,
    timeout,
    stdin: 'ignore',
    reject: false,
    windowsHide: true,
    forceKillAfterDelay: 2000,
  });
  const lastLine = result.stderr.trim().split('\n').at(-1)?.trim();
  return {
    exitCode: result.exitCode,
    error: result.code,
    timedOut: result.timedOut,
    stdout: result.stdout,
    reason: lastLine || result.shortMessage || 'it ended with code 0, but did not answer',
  };
}

/** The last line that is a JSON object: packages may print notices before it. */
function lastJson(stdout: string): unknown {
  for (const line of stdout.split('\n').toReversed()) {
    if (!line.trim().startsWith('{')) continue;
    try {
      return JSON.parse(line);
    } catch {
      continue;
    }
  }
  return undefined;
}

function pythonMissing(message: string, where?: string): TrainingError {
  return new TrainingError(
    'python-missing',
    message,
    `Install Python ${minimum.join('.')} or newer, make a virtual environment (python3 -m venv .venv), and name it in the Python setting.`,
    where === undefined ? {} : { where },
  );
}

function quote(path: string): string {
  return /^[\w./\\:@+-]+$/.test(path) ? path : `"${path}"`;
}
