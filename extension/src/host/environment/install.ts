import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../core/errors.ts';
import type { Localiser } from '../text/localiser.ts';
import { explainFailure, hostOf, indexHolds, pipPlan, pipProgress, type ComputeKind, type PipSources } from './pip.ts';
import { markInstalling, removeEnvironment } from './leftovers.ts';
import { completeMark, installingMark, pythonIn, requirementsName } from './places.ts';
import { runProgram, type ProgramEnd } from './programs.ts';

/** Setting up the training environment failed: what happened and what to do. */
export class SetUpError extends AppError {}

export interface Installation {
  /** The folder of the new environment; it must not be there. */
  readonly folder: string;
  /** The Python that it is made from. */
  readonly base: string;
  /** Holds `al_trainer` and `requirements.txt`. */
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
  /** Told what is being done, for a progress bar. */
  readonly tell: (message: string) => void;
  readonly signal: AbortSignal;
}

/**
 * Makes a virtual environment with everything that training needs, and checks it. Whatever goes wrong, nothing of it
 * stays behind.
 * @throws SetUpError `cancelled`, `set-up-network`, `set-up-disk-full`, …; TrainingError when the finished environment cannot train.
 */
export async function installEnvironment(installation: Installation, reporting: InstallReporting): Promise<void> {
  const { folder } = installation;
  try {
    await mkdir(folder, { recursive: true });
    await markInstalling(folder);
    await install(installation, reporting);
  } catch (error) {
    // Half an environment would fail later, and less clearly.
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
  tell(l10n.t('Making a virtual environment'));
  await require(reporting, base, ['-m', 'venv', folder]);
  const plan = pipPlan(requirements, compute, platform, sources);
  tell(l10n.t('Asking {0}', plan.hosts[0] ?? 'pip'));
  const resumes = await updatePip(reporting, python, plan.updatePip);
  const torch = /^torch==(\S+)/m.exec(await readFile(requirements, 'utf8'))?.[1];
  const index = torch === undefined ? undefined : await findIndex(reporting, python, plan.indexes, torch);
  if (plan.indexes.length > 0 && torch !== undefined && index === undefined) {
    const host = hostOf(plan.indexes[0] ?? '');
    // Packages may come from where the user has told pip to look.
    if (!sources.others) throw indexMissing(l10n, host, compute);
    reporting.log.warn(`${host} did not answer; pip looks in the places of its own configuration alone.`);
  }
  await require(reporting, python, plan.install(index, resumes), (line) => {
    const message = pipProgress(l10n, line);
    if (message !== null) tell(message);
  });
  tell(l10n.t('Checking the environment'));
  const { findPython } = await import('../../adapters/python/pythonEnvironment.ts');
  await findPython({ configured: python }, trainerFolder);
  throwIfCancelled(reporting);
  await copyFile(requirements, join(folder, requirementsName));
  await writeFile(join(folder, completeMark), '');
  await rm(join(folder, installingMark), { force: true });
}

/**
 * Brings a pip that goes on with broken downloads. An index of the user's own may not have it; then the one of Python serves.
 * @returns whether it is there.
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

/** Python works in our own folder, whatever lies in the current one. */
type PlacedReporting = InstallReporting & Pick<Installation, 'trainerFolder'>;

/** The first index that holds this version of torch: which builds there are for a version changes with it. */
async function findIndex(
  reporting: PlacedReporting,
  python: string,
  indexes: readonly string[],
  torch: string,
): Promise<string | undefined> {
  for (const index of indexes) {
    reporting.tell(reporting.l10n.t('Asking {0}', hostOf(index)));
    const args = ['-m', 'pip', 'index', 'versions', 'torch', '--index-url', index];
    // Without this pip asks an index that does not answer five times for each of fifty packages.
    const end = await follow(reporting, python, [...args, '--no-input', '--retries', '1', '--timeout', '15']);
    throwIfCancelled(reporting);
    if (end.exitCode === 0 && indexHolds(end.tail, torch)) return index;
    reporting.log.warn(end.tail.trim());
  }
  return undefined;
}

function indexMissing(l10n: Localiser, host: string, compute: ComputeKind): SetUpError {
  const checking = l10n.t('Check the network or the proxy, then set it up again.');
  return new SetUpError(
    'set-up-network',
    l10n.t('{0}, where this build of PyTorch is, does not offer it or cannot be reached.', host),
    compute === 'cpu'
      ? `${checking} ${l10n.t('The choice for NVIDIA GPUs needs pypi.org alone, and works without one too.')}`
      : checking,
  );
}

/** Runs Python, which must succeed. @throws SetUpError */
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

/** Why a program failed; everything that it printed is in the log. */
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
  throw new SetUpError('cancelled', l10n.t('The set-up was stopped.'), l10n.t('Start it again when you like.'));
}
