import { toErrorReport } from '../../core/errors.ts';
import type { Ports } from '../ports/ports.ts';
import { inImageQueue, settleLabelEvents } from './labelJournal.ts';

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
export async function recover(ports: Ports): Promise<RecoveryReport> {
  const counts = { completed: 0, written: 0, abandoned: 0, conflict: 0 };
  const unfinished: string[] = [];
  const pending = await ports.store.labelEvents.pending();
  for (const imageId of new Set(pending.map((event) => event.imageId))) {
    try {
      for (const { end } of await inImageQueue(ports, imageId, () => settleLabelEvents(ports, imageId, 'write')))
        counts[end]++;
    } catch (error) {
      // One label file that cannot be written must not keep the whole workspace closed.
      unfinished.push(toErrorReport(error).message);
    }
  }
  const interruptedRuns: string[] = [];
  const liveRuns: string[] = [];
  for (const run of await ports.store.runs.list(['running'])) {
    const result = await ports.trainer.result(run.id);
    // A result that nobody took in yet is taken in when the iteration goes on.
    if (result) continue;
    if (await ports.trainer.isAlive(run.id)) liveRuns.push(run.id);
    else interruptedRuns.push(run.id);
  }
  const { completed, written, conflict: conflicts } = counts;
  return { completed, written, conflicts, unfinished, interruptedRuns, liveRuns };
}
