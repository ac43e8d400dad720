import { randomBytes } from 'node:crypto';
import { dirname } from 'node:path';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { TrainingError } from '../../core/session/errors.ts';
import type { Clock } from '../../workflow/ports/clock.ts';
import type { ReportProgress } from '../../workflow/ports/progress.ts';
import type { Lease } from '../../workflow/ports/store/leases.ts';
import type { ModelJob } from '../../workflow/ports/job.ts';
import type { RunResult, Trainer, TrainingEnvironment } from '../../workflow/ports/trainer.ts';
import type { KnownFiles, RunLeases } from '../../workflow/ports/userRecord.ts';
import { currentLease, leaseIsAlive, processStartTime } from '../platform/lease.ts';
import { refuseLinks } from '../platform/privateFiles.ts';
import { cancelRun } from './cancel.ts';
import { writeAtomic } from '../platform/atomicWrite.ts';
import { exists, nodeFiles, privateFileOps, type FileOps } from '../python/fileOps.ts';
import { toRunWriteError } from './runErrors.ts';
import { followRun } from './follow.ts';
import { chosenWeights, ownResult } from './knownWeights.ts';
import { createProcessLauncher, type LaunchedProcess, type Launcher, type ProcessEnd } from './launcher.ts';
import { readLogTail } from '../python/logTail.ts';
import { killTree } from '../platform/processTree.ts';
import { findPython } from '../python/pythonEnvironment.ts';
import { trainerStart } from '../python/pythonStart.ts';
import { refuseLinkedRun } from '../python/runFiles.ts';
import { jobConfig } from '../python/jobConfig.ts';
import { hasBegun, readConfig, runPaths, writtenPlaces, type RunPaths } from './runFolder.ts';
import { liveOwner, readPidFile, recordStart, temporaryLeases, type LeaseProbe, type RunProcess } from './runOwner.ts';
import { readResult } from './runResult.ts';
import type { WritePng } from './snapshot/placeImage.ts';
import { writeSnapshot } from './snapshot/snapshot.ts';

export interface TrainerOptions {
  /** Contains one folder per run. */
  readonly runsFolder: string;
  /** Path or command from a setting. Default: searched on the PATH. */
  readonly python?: string | undefined;
  /** The folder that contains the package `al_trainer` and `requirements.txt`. */
  readonly trainerFolder: string;
  readonly clock?: Pick<Clock, 'monotonic'>;
  readonly launcher?: Launcher;
  /** Called while the dataset is copied into a run folder. */
  readonly onProgress?: ReportProgress;
  /** Receives problems that do not stop a run, such as an incomplete line of its events. */
  readonly onWarning?: (message: string) => void;
  readonly files?: FileOps;
  /** Decodes images that the trainer would decode differently from scoring. Without it, they are rejected. */
  readonly writePng?: WritePng;
  readonly isAlive?: LeaseProbe;
  /** The files that the user trusts: only these are used or passed on. Without it, all are. */
  readonly knownFiles?: KnownFiles;
  /** The processes that work in runs, recorded outside the runs folder. Without it, only those of this process are known. */
  readonly leases?: RunLeases;
  readonly timeouts?: Partial<Timeouts>;
}

/** Time limits in milliseconds. */
export interface Timeouts {
  /** Between two checks of the run folder. */
  readonly pollMs: number;
  /** Until the trainer has written its pid file. */
  readonly startMs: number;
  /** From a cancel request by file to SIGTERM. */
  readonly signalAfterMs: number;
  /** From SIGTERM to SIGKILL; long, because a batch of a large model on a CPU takes long. */
  readonly killAfterMs: number;
}

const defaultTimeouts: Timeouts = { pollMs: 200, startMs: 120_000, signalAfterMs: 5_000, killAfterMs: 60_000 };

const performanceClock = { monotonic: (): number => performance.now() };

/** Trains through the run-folder contract (docs/run-folder.md), in a separate Python process. */
export function createTrainer(options: TrainerOptions): Trainer {
  const { clock = performanceClock, isAlive = leaseIsAlive, leases = temporaryLeases() } = options;
  const { launcher = createProcessLauncher() } = options;
  const timeouts = { ...defaultTimeouts, ...options.timeouts };
  const warn = options.onWarning ?? (() => {});
  const files = privateFileOps(options.files ?? nodeFiles);
  const open = async (runId: string): Promise<RunProcess> => {
    const paths = runPaths(options.runsFolder, runId);
    await refuseLinkedRun(files, paths.folder);
    return { files, paths, leases, isAlive };
  };
  /** Opens a run for writing. Rejects a run whose folder contains a link in place of a file. */
  const openToWrite = async (runId: string): Promise<RunProcess> => {
    const run = await open(runId);
    for (const path of writtenPlaces(run.paths)) refuseLinks(dirname(options.runsFolder), path);
    return run;
  };
  let environment: Promise<TrainingEnvironment> | null = null;

  /** Searched again after a failure: the user may have installed the missing packages. */
  function knownEnvironment(): Promise<TrainingEnvironment> {
    environment ??= findPython({ configured: options.python }, options.trainerFolder).catch((error: unknown) => {
      environment = null;
      throw error;
    });
    return environment;
  }

  async function own(runId: string, result: RunResult): Promise<RunResult> {
    return options.knownFiles === undefined ? result : ownResult(options.knownFiles, await open(runId), result);
  }

  async function start(runId: string): Promise<Lease> {
    const run = await openToWrite(runId);
    const { paths } = run;
    const config = await readConfig(files, paths);
    if (config === null) throw runMissing(runId, paths);
    if (await exists(files, paths.result)) throw runOver(runId, paths);
    if (options.knownFiles !== undefined && !(await options.knownFiles.isKnown(paths.config, 'run'))) {
      throw notPrepared(paths);
    }
    const working = await liveOwner(run);
    if (working !== null) return working;
    const { python } = await knownEnvironment();
    let launched: LaunchedProcess;
    // Only the new process gets the nonce, so that a forged pid file is detected.
    const nonce = randomBytes(16).toString('hex');
    const trainer = trainerStart(
      python,
      options.trainerFolder,
      [paths.folder],
      config.allowDownload ? 'download' : 'work',
    );
    try {
      await recordStart(run, await currentLease(), nonce);
      await files.rm(paths.pid, { force: true });
      await files.rm(paths.cancel, { force: true });
      launched = await launcher.launch({
        runId,
        ...trainer,
        env: { ...trainer.env, AL_TRAINER_NONCE: nonce },
        logFile: paths.log,
      });
    } catch (error) {
      throw toRunWriteError(error, paths.folder);
    }
    return waitForOwner(run, launched, nonce);
  }

  async function waitForOwner(run: RunProcess, launched: LaunchedProcess, nonce: string): Promise<Lease> {
    const { paths } = run;
    let exit: ProcessEnd | null = null;
    void launched.exited.then((value) => (exit = value));
    const until = clock.monotonic() + timeouts.startMs;
    for (;;) {
      const ended = exit;
      const owner = await readPidFile(run);
      if (owner?.nonce === nonce) {
        const known = { ...owner, startTime: owner.startTime || (await processStartTime(owner.pid)) };
        await leases.write(paths.runId, known);
        return known;
      }
      if (ended !== null) {
        // A run that failed immediately may have written only its result, which `follow` reports.
        if (await exists(files, paths.result)) return { pid: launched.pid ?? 0, startTime: '', nonce };
        throw await notStarted(files, paths, ended);
      }
      if (clock.monotonic() >= until) {
        if (launched.pid !== undefined) await killTree(launched.pid);
        throw await notStarted(files, paths, { exitCode: undefined, error: 'it did not write its pid file' });
      }
      await Promise.race([launched.exited, sleep(timeouts.pollMs)]);
    }
  }

  return {
    async checkEnvironment() {
      environment = null;
      return knownEnvironment();
    },
    async checkWeights(weights) {
      if (options.knownFiles !== undefined) await chosenWeights(files, options.knownFiles, weights);
    },
    async prepare(job) {
      const { paths } = await openToWrite(job.runId);
      await prepareRun(files, paths, job, options);
    },
    start,
    follow: async (runId, followOptions) =>
      own(
        runId,
        await followRun({ ...(await open(runId)), clock, pollMs: timeouts.pollMs, onWarning: warn }, followOptions),
      ),
    async cancel(runId) {
      try {
        await cancelRun({ ...(await openToWrite(runId)), clock, ...timeouts });
      } catch (error) {
        warn(`Run ${runId} could not be cancelled: ${error instanceof Error ? error.message : String(error)}`);
      }
    },
    isAlive: async (runId) => (await liveOwner(await open(runId))) !== null,
    async result(runId) {
      const result = await readResult(files, (await open(runId)).paths.result);
      return result === null ? null : own(runId, result);
    },
  };
}

/** Writes config.json last: if it exists, the snapshot is complete. A started run keeps its snapshot. */
async function prepareRun(
  files: FileOps,
  paths: RunPaths,
  job: ModelJob,
  { onProgress, writePng, knownFiles }: Pick<TrainerOptions, 'onProgress' | 'writePng' | 'knownFiles'>,
): Promise<void> {
  const before = await readConfig(files, paths);
  const chosen =
    knownFiles === undefined
      ? {}
      : await chosenWeights(files, knownFiles, job.kind === 'quantise' ? job.model : job.weights);
  const config = jobConfig(job, before?.nonce ?? randomBytes(16).toString('hex'), chosen);
  const text = `${JSON.stringify(config, null, 2)}\n`;
  if (before !== null && (await hasBegun(files, paths))) {
    if (before.text === text) return;
    throw new TrainingError(
      'run-conflict',
      `Run ${job.runId} has begun with other settings.`,
      'Prepare a new run for new settings; this one can only be continued as it is.',
      { where: paths.config },
    );
  }
  try {
    await files.mkdir(paths.folder, { recursive: true, mode: 0o700 });
    if (before !== null && before.text !== text) await files.rm(paths.config, { force: true });
    if (job.kind === 'train') {
      await writeSnapshot(files, paths.dataset, job.images, job.classNames, onProgress, writePng);
    }
    if (before?.text !== text) await writeAtomic(paths.config, text, { fs: files });
    await knownFiles?.remember(paths.config, 'run');
  } catch (error) {
    throw toRunWriteError(error, paths.folder);
  }
}

function runMissing(runId: string, paths: RunPaths): TrainingError {
  return new TrainingError('run-missing', `Run ${runId} was not prepared.`, 'Train the iteration again.', {
    where: paths.folder,
  });
}

function notPrepared(paths: RunPaths): TrainingError {
  return new TrainingError(
    'run-folder-unusable',
    `${paths.config} has changed since the run was prepared.`,
    'Delete this run folder and train again; labels and models are not affected.',
    { where: paths.config },
  );
}

function runOver(runId: string, paths: RunPaths): TrainingError {
  return new TrainingError('run-over', `Run ${runId} is over: it has a result.`, 'Prepare a new run to train again.', {
    where: paths.result,
  });
}

async function notStarted(files: FileOps, paths: RunPaths, { exitCode, error }: ProcessEnd): Promise<TrainingError> {
  const why = error ?? `it ended with code ${exitCode ?? 'unknown'}`;
  const log = await readLogTail(files, paths.log, 20);
  return new TrainingError(
    'trainer-not-started',
    `The trainer did not start: ${why}.${log === '' ? '' : ` The end of its log:\n${log}`}`,
    'Check the Python environment, then train again.',
    { where: paths.log },
  );
}
