import { iterationName } from '../../core/session/iterationName.ts';
import { settleOwnFailures } from '../dataset/labelJournal.ts';
import type { Ports } from '../ports/ports.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';

/**
 * Ends the review of an iteration; samples without a verdict go back to the pool.
 * @throws WorkflowError `wrong-step`.
 */
export async function finishReview(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  iterationId: number,
): Promise<IterationRow> {
  await settleOwnFailures(ports);
  const iteration = requireRow(await ports.store.iterations.get(iterationId), 'iteration', iterationId);
  if (iteration.status !== 'reviewing') {
    throw new WorkflowError(
      'wrong-step',
      `The status of ${iterationName(iteration.iterationNumber)} is ${iteration.status}: it is not under review.`,
      'Refresh, and try again.',
    );
  }
  return ports.store.iterations.update(iterationId, { status: 'completed', completedAt: ports.system.clock.now() });
}
