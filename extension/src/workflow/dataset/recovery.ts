import { toErrorReport } from '../../core/errors.ts';
import type { Ports } from '../ports/ports.ts';
import { inImageQueue, settleLabelEvents } from './labelJournal.ts';

export interface RecoveryReport {
  /** Verdicts whose label file was already written. */
  readonly completed: number;
  /** Journaled verdicts that had not been written; they were written now. */
  readonly written: number;
  /** Verdicts whose file another program changed in the meantime; the file was kept. */
  readonly conflicts: number;
  /**
   * Verdicts that could not be written now (disk full, read-only, drive removed), and why; the next start tries again.
   */
  readonly unfinished: readonly string[];
  /** Runs that stopped without a result. The next training resumes them. */
  readonly interruptedRuns: readonly string[];
  /** Runs that are still working. */
  readonly liveRuns: readonly string[];
}

/** The report for a workspace without anything to recover. */
export const nothingRecovered: RecoveryReport = {
  completed: 0,
  written: 0,
  conflicts: 0,
  unfinished: [],
  interruptedRuns: [],
  liveRuns: [],
};

/**
 * Finishes only what dead processes left: journaled verdicts and the state of runs. Called at every start; calling it
 * again is harmless.
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
      // One label file that cannot be written must not prevent the workspace from opening.
      unfinished.push(toErrorReport(error).message);
    }
  }
  const interruptedRuns: string[] = [];
  const liveRuns: string[] = [];
  for (const run of await ports.store.runs.list(['running'])) {
    const result = await ports.trainer.result(run.id);
    // A result that was not yet stored is stored when the iteration continues.
    if (result) continue;
    if (await ports.trainer.isAlive(run.id)) liveRuns.push(run.id);
    else interruptedRuns.push(run.id);
  }
  const { completed, written, conflict: conflicts } = counts;
  return { completed, written, conflicts, unfinished, interruptedRuns, liveRuns };
}
