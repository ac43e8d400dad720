import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach } from 'vitest';
import type { ExportJob, TrainJob } from '../../../workflow/ports/job.ts';
import type { RunEvent, RunResult, Trainer } from '../../../workflow/ports/trainer.ts';
import type { RunLeases } from '../../../workflow/ports/userRecord.ts';
import { leaseIsAlive } from '../../platform/lease.ts';
import { createUserRecord } from '../../userRecord/createUserRecord.ts';
import { signal } from '../../platform/processTree.ts';
import { createTrainer, type TrainerOptions } from '../trainer.ts';
import { fakeLauncher, trainJob, temporaryFolder, writeFakePython, writeImage } from './runs.ts';

export const runId = 's1-i1-test';

export interface Bench {
  /** A fresh folder for each test. */
  folder(): string;
  /** A path in the run folder. */
  inRun(...names: string[]): string;
  /** Leases of the processes that work in runs, shared by the trainers of a test. */
  leases(): RunLeases;
  /** The id of the folder in the user's record. */
  folderId(): string;
  /** A training on one labelled image. */
  job(): TrainJob;
  /** An export of the same weights, in the same run folder. */
  exportJob(): ExportJob;
  /** A trainer that starts the fake one; `behaviour` is its FAKE_TRAINER. */
  make(behaviour?: Readonly<Record<string, unknown>>, change?: Partial<TrainerOptions>): Trainer;
  readonly warnings: string[];
}

/** A trainer and its environment, new for each test of the file. Processes that it started are killed after the test. */
export function trainerBench(): Bench {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let job: TrainJob;
  let python: string;
  let folderId = '';
  const warnings: string[] = [];
  const started = new Set<number>();

  beforeEach(async () => {
    folder = await temporaryFolder();
    folderId = randomUUID();
    python = await writeFakePython(folder.path);
    const absolutePath = join(folder.path, 'a.png');
    const labelText = await writeImage(absolutePath, 1);
    job = trainJob([{ imageId: 1, absolutePath, labelText, split: 'train' }]);
    warnings.length = 0;
  });

  afterEach(async () => {
    // A failed test may have left its process. Only pids that `start` returned are ours.
    for (const pid of started) signal(pid, 'SIGKILL');
    started.clear();
    await folder.remove();
  });

  return {
    folder: () => folder.path,
    inRun: (...names) => join(folder.path, 'runs', runId, ...names),
    leases: () => createUserRecord().runs(folderId),
    folderId: () => folderId,
    job: () => job,
    exportJob: () => ({
      kind: 'export',
      runId,
      weights: job.weights,
      allowDownload: false,
      imageSize: job.plan.imageSize,
      threads: 2,
    }),
    warnings,
    make(behaviour = {}, change = {}) {
      const trainer = createTrainer({
        runsFolder: join(folder.path, 'runs'),
        python,
        trainerFolder: folder.path,
        launcher: fakeLauncher(behaviour),
        leases: createUserRecord().runs(folderId),
        onWarning: (message) => warnings.push(message),
        timeouts: { pollMs: 10, startMs: 20_000, signalAfterMs: 50, killAfterMs: 20_000 },
        ...change,
      });
      return {
        ...trainer,
        start: async (id) => {
          const lease = await trainer.start(id);
          if (await leaseIsAlive(lease)) started.add(lease.pid);
          return lease;
        },
      };
    },
  };
}

/** Follows a run to the end. */
export async function follow(trainer: Trainer, afterSequence = 0): Promise<{ events: RunEvent[]; result: RunResult }> {
  const events: RunEvent[] = [];
  const result = await trainer.follow(runId, { afterSequence, onEvent: (event) => void events.push(event) });
  return { events, result };
}

/** Follows a run that ends with an error. */
export async function died(trainer: Trainer, afterSequence = 0): Promise<{ events: RunEvent[]; error: unknown }> {
  const events: RunEvent[] = [];
  const error = await trainer
    .follow(runId, { afterSequence, onEvent: (event) => void events.push(event) })
    .then(() => null)
    .catch((reason: unknown) => reason);
  return { events, error };
}

/** Reads repeatedly until there is a value. */
export async function eventually<Value>(read: () => Promise<Value | null>): Promise<Value> {
  for (;;) {
    const value = await read().catch(() => null);
    if (value !== null) return value;
    await sleep(10);
  }
}

export async function processEnded(pid: number): Promise<void> {
  await eventually(async () => ((await leaseIsAlive({ pid, startTime: '', nonce: '' })) ? null : true));
}

export async function nonceOf(configPath: string): Promise<string> {
  return JSON.parse(await readFile(configPath, 'utf8')).nonce;
}

export const sequences = (events: readonly RunEvent[]): number[] => events.map(({ sequence }) => sequence);
export const oneTo = (last: number): number[] => Array.from({ length: last }, (_, index) => index + 1);
