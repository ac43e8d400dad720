import { toErrorReport } from '../core/errors.ts';
import type { Engine } from './engine.ts';
import { found } from './errors.ts';
import { ImageLocator } from './images.ts';
import type { LabelEventRow } from './ports/store/labelEvents.ts';

export interface RecoveryReport {
  /** Verdicts whose label file was already written. */
  readonly completed: number;
  /** Verdicts that were journaled but not yet written; they were written now. */
  readonly written: number;
  /** Verdicts whose file was changed by somebody else in the meantime; the file was kept. */
  readonly conflicts: number;
  /** Verdicts that could not be written now (disk full, read-only, drive away), and why; the next start tries again. */
  readonly unfinished: readonly string[];
  /** Runs that stopped without a result; training again resumes them. */
  readonly interruptedRuns: readonly string[];
  /** Runs that still work. */
  readonly liveRuns: readonly string[];
}

/** Of a workspace in which nothing was looked for. */
export const nothingRecovered: RecoveryReport = {
  completed: 0,
  written: 0,
  conflicts: 0,
  unfinished: [],
  interruptedRuns: [],
  liveRuns: [],
};

/**
 * Finishes what dead processes left, and only that: journaled verdicts, and the state of runs. Called at every
 * start; calling it twice is harmless.
 */
export async function recover(engine: Engine): Promise<RecoveryReport> {
  const counts = { completed: 0, written: 0, conflicts: 0 };
  const unfinished: string[] = [];
  for (const event of await engine.store.labelEvents.pending()) {
    if (event.owner.nonce === engine.system.owner.nonce || (await engine.system.isAlive(event.owner))) continue;
    try {
      counts[await finish(engine, event)]++;
    } catch (error) {
      // One label file that cannot be written must not keep the whole workspace closed.
      unfinished.push(toErrorReport(error).message);
    }
  }
  const interruptedRuns: string[] = [];
  const liveRuns: string[] = [];
  for (const run of await engine.store.runs.list(['running'])) {
    const result = await engine.trainer.result(run.id);
    // A result that nobody took in yet is taken in when the iteration goes on.
    if (result) continue;
    if (await engine.trainer.isAlive(run.id)) liveRuns.push(run.id);
    else interruptedRuns.push(run.id);
  }
  return { ...counts, unfinished, interruptedRuns, liveRuns };
}

async function finish(engine: Engine, event: LabelEventRow): Promise<'completed' | 'written' | 'conflicts'> {
  const image = found(await engine.store.images.get(event.imageId), 'image', event.imageId);
  const location = (await ImageLocator.of(engine, image.datasetId)).locate(image);
  await engine.labels.tidy(location);
  const label = await engine.labels.read(location);
  const now = label?.text ?? null;
  if (now === event.after) {
    await engine.store.labelEvents.complete(event.id, { labelHash: label?.hash ?? null });
    return 'completed';
  }
  if (now === event.before) {
    const labelHash = await engine.labels.write(location, event.after, label?.hash ?? null);
    await engine.store.labelEvents.complete(event.id, { labelHash });
    return 'written';
  }
  await engine.store.labelEvents.end(event.id, 'conflict');
  return 'conflicts';
}
