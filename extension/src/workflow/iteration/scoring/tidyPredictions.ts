import { reportProgress, type Ports, type RunOptions } from '../../ports/ports.ts';
import { throwIfCancelled } from '../../shared/errors.ts';
import type { ModelVersionRow } from '../../ports/store/models.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';

/** Rows that are deleted in one go: some hundredths of a second, in which other calls of the database wait. */
const pruneStep = 5000;

/**
 * After a pool was scored: sorts its scores, so that lists of the highest ones need not look at all of them, and drops
 * what versions predicted that are shown no more (docs/database.md). Both go on where they were stopped.
 */
export async function tidyPredictions(
  ports: Pick<Ports, 'store'>,
  session: SessionRow,
  version: ModelVersionRow,
  options: RunOptions,
): Promise<void> {
  const { predictions } = ports.store;
  let most = 0;
  for (let left = 1; left > 0;) {
    throwIfCancelled(options.signal);
    ({ left } = await predictions.indexScores(version.id));
    most = Math.max(most, left);
    if (left > 0) reportProgress(options, 'score', 'Sorting the scores', 1 - left / most);
  }
  for (let deleted = 1; deleted > 0;) {
    throwIfCancelled(options.signal);
    deleted = await predictions.prune(session.id, pruneStep);
  }
}
