import { reportProgress, type Ports, type RunOptions } from '../../ports/ports.ts';
import { throwIfCancelled } from '../../shared/errors.ts';
import type { ModelVersionRow } from '../../ports/store/models.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';

/** Rows deleted per call: a few hundredths of a second, in which other calls of the database wait. */
const pruneStep = 5000;

/**
 * After a pool was scored: sorts its scores, so that lists of the highest ones need not read all of them, and deletes
 * predictions of versions that are no longer shown (docs/database.md). Both continue after an interruption.
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
