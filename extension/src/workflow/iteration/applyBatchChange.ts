import { strategyById } from '../../core/selection/registry.ts';
import type { BatchChange } from '../../core/session/types.ts';
import type { Ports, RunOptions } from '../ports/ports.ts';
import { withSessionLease } from '../session/sessionLease.ts';
import { changedSession, editSession } from '../session/sessions.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';
import { withLease } from '../shared/withLease.ts';
import { runInBackground } from './runInBackground.ts';
import { tidyPredictions } from './scoring/tidyPredictions.ts';
import { iterationWithBatch } from './selection/previewBatch.ts';

/**
 * Stores the changed settings and replaces the batch under review accordingly.
 * @throws WorkflowError `not-now` if an image of the batch has a verdict, `busy-elsewhere`; errors of `previewBatch`.
 */
export async function applyBatchChange(
  ports: Ports,
  sessionId: number,
  change: BatchChange,
  options: RunOptions = {},
): Promise<void> {
  await withLease(ports, 'training', 'An iteration is running in this workspace.', () =>
    withSessionLease(ports, sessionId, async () => {
      const session = requireRow(await ports.store.sessions.get(sessionId), 'session', sessionId);
      const iteration = await iterationWithBatch(ports, session);
      const { total, open } = await ports.store.samples.progress(iteration.id);
      if (open < total) {
        throw new WorkflowError(
          'not-now',
          `${total - open} of ${total} images of this batch are reviewed already, so it cannot be replaced.`,
          'Change the settings of the session; they apply from the next batch.',
        );
      }
      strategyById(changedSession(session, change).strategy);
      const changed = await editSession(ports, sessionId, change);
      const version = await ports.store.models.byIteration(iteration.id);
      if (version !== null) {
        await runInBackground(ports, 'rescorePool', [changed, version], options);
        await tidyPredictions(ports, changed, version, options);
      }
      await runInBackground(ports, 'selectBatch', [changed, iteration, version], options);
    }),
  );
}
