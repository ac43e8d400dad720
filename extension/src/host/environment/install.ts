import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { findPython } from '../../adapters/python/pythonEnvironment.ts';
import { AppError } from '../../core/errors.ts';
import type { Localiser } from '../text/localiser.ts';
import { explainFailure, hostOf, indexHolds, pipPlan, pipProgress, type ComputeKind, type PipSources } from './pip.ts';
import { markInstalling, removeEnvironment } from './leftovers.ts';
import { completeMark, installingMark, pythonIn, requirementsName } from './places.ts';
import { runProgram, type ProgramEnd } from './programs.ts';

/** The setup of the training environment failed. */
export class SetUpError extends AppError {}

export interface Installation {
  /** The folder of the new environment; it must not exist. */
  readonly folder: string;
  /** The Python that creates the environment. */
  readonly base: string;
  /** The folder with `al_trainer` and `requirements.txt`. */
  readonly trainerFolder: string;
  readonly compute: ComputeKind;
  readonly platform: NodeJS.Platform;
  readonly sources: PipSources;
}

export interface InstallReporting {
  readonly l10n: Localiser;
  readonly log: {
    info(line: string): void;
    debug(line: string): void;
    warn(line: string): void;
    error(line: string): void;
  };
  /** Receives the current step, for a progress bar. */
  readonly tell: (message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Creates a virtual environment with everything that training needs, and checks it. After a failure, it deletes the
 * environment.
 * @throws SetUpError `cancelled`, `set-up-network`, `set-up-disk-full`, …; TrainingError when the finished environment cannot train.
 */
export async function installEnvironment(installation: Installation, reporting: InstallReporting): Promise<void> {
  const { folder } = installation;
  try {
    await mkdir(folder, { recursive: true });
    await markInstalling(folder);
    await install(installation, reporting);
  } catch (error) {
    // An incomplete environment would fail later with a less clear error.
    await removeEnvironment(folder, reporting.log);
    throw error;
  }
}

async function install(installation: Installation, told: InstallReporting): Promise<void> {
  const { folder, base, trainerFolder, compute, platform, sources } = installation;
  const reporting = { ...told, trainerFolder };
  const { l10n, tell } = reporting;
  const requirements = join(trainerFolder, requirementsName);
  const python = pythonIn(folder);
  tell(l10n.t('Creating a virtual environment'));
  await require(reporting, base, ['-m', 'venv', folder]);
  const plan = pipPlan(requirements, compute, platform, sources);
  tell(l10n.t('Contacting {0}', plan.hosts[0] ?? 'pip'));
  const resumes = await updatePip(reporting, python, plan.updatePip);
  const torch = /^torch==(\S+)/m.exec(await readFile(requirements, 'utf8'))?.[1];
  const index = torch === undefined ? undefined : await findIndex(reporting, python, plan.indexes, torch);
  if (plan.indexes.length > 0 && torch !== undefined && index === undefined) {
    const host = hostOf(plan.indexes[0] ?? '');
    // The packages may come from another source in the pip configuration.
    if (!sources.others) throw indexMissing(l10n, host, compute);
    reporting.log.warn(`${host} did not answer; pip looks in the places of its own configuration alone.`);
  }
  await require(reporting, python, plan.install(index, resumes), (line) => {
    const message = pipProgress(l10n, line);
    if (message !== null) tell(message);
  });
  tell(l10n.t('Checking the environment'));
  await findPython({ configured: python }, trainerFolder);
  throwIfCancelled(reporting);
  await copyFile(requirements, join(folder, requirementsName));
  await writeFile(join(folder, completeMark), '');
  await rm(join(folder, installingMark), { force: true });
}

/**
 * Installs a pip that can resume downloads. If the user's index does not have it, the pip of Python is used.
 * @returns whether it was installed.
 */
async function updatePip(reporting: PlacedReporting, python: string, args: readonly string[]): Promise<boolean> {
  const end = await follow(reporting, python, args);
  throwIfCancelled(reporting);
  if (end.exitCode === 0) return true;
  if (explainFailure(reporting.l10n, end.tail).code === 'no-matching-package') {
    reporting.log.warn(`pip could not be updated, so the one of Python is used: ${end.tail.trim()}`);
    return false;
  }
  throw failureOf(reporting, end);
}

/** Python runs in the trainer folder, since it imports modules from the current folder. */
type PlacedReporting = InstallReporting & Pick<Installation, 'trainerFolder'>;

/** The first index that has this version of torch: each version is built for different CUDA versions. */
async function findIndex(
  reporting: PlacedReporting,
  python: string,
  indexes: readonly string[],
  torch: string,
): Promise<string | undefined> {
  for (const index of indexes) {
    reporting.tell(reporting.l10n.t('Contacting {0}', hostOf(index)));
    const args = ['-m', 'pip', 'index', 'versions', 'torch', '--index-url', index];
    // Without limits, pip tries an unreachable index five times for each of fifty packages.
    const end = await follow(reporting, python, [...args, '--no-input', '--retries', '1', '--timeout', '15']);
    throwIfCancelled(reporting);
    if (end.exitCode === 0 && indexHolds(end.tail, torch)) return index;
    reporting.log.warn(end.tail.trim());
  }
  return undefined;
}

function indexMissing(l10n: Localiser, host: string, compute: ComputeKind): SetUpError {
  const checking = l10n.t('Check your network and proxy settings, then try again.');
  return new SetUpError(
    'set-up-network',
    l10n.t('{0} is unreachable or does not offer this PyTorch build.', host),
    compute === 'cpu'
      ? `${checking} ${l10n.t('The NVIDIA GPU option needs only pypi.org and also works without a GPU.')}`
      : checking,
  );
}

/** Runs Python. @throws SetUpError if it fails. */
async function require(
  reporting: PlacedReporting,
  command: string,
  args: readonly string[],
  onLine: (line: string) => void = () => {},
): Promise<void> {
  const end = await follow(reporting, command, args, onLine);
  throwIfCancelled(reporting);
  if (end.exitCode === 0) return;
  throw failureOf(reporting, end);
}

/** The error of a failed program; logs its output. */
function failureOf(reporting: InstallReporting, end: ProgramEnd): SetUpError {
  reporting.log.error(end.tail);
  const failure = explainFailure(reporting.l10n, end.tail);
  return new SetUpError(`set-up-${failure.code}`, failure.message, failure.hint);
}

function follow(
  { log, signal, trainerFolder }: PlacedReporting,
  command: string,
  args: readonly string[],
  onLine: (line: string) => void = () => {},
): Promise<ProgramEnd> {
  log.info(`${command} ${args.join(' ')}`);
  const told = (line: string): void => {
    log.debug(line);
    onLine(line);
  };
  return runProgram(command, ['-E', ...args], trainerFolder, told, signal);
}

function throwIfCancelled({ signal, l10n }: InstallReporting): void {
  if (!signal.aborted) return;
  throw new SetUpError('cancelled', l10n.t('The setup was cancelled.'), l10n.t('You can start it again at any time.'));
}
