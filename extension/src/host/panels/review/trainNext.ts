import { availableActions } from '../../../core/session/actions.ts';
import { finishReviewOperation } from '../../../workflow/operations/iterationOperations.ts';
import type { ReviewQueue } from '../../../workflow/review/reviewQueue.ts';
import { sessionFacts } from '../../../workflow/session/status.ts';
import { obstacleText } from '../../text/obstacleText.ts';
import { notAvailable, type ReviewPanelHost } from './reviewHost.ts';

/**
 * Finishes the review of a batch, after a question if samples are left, and starts the next iteration.
 * @throws WorkflowError `not-now`.
 */
export async function trainNext(host: ReviewPanelHost, queue: ReviewQueue): Promise<void> {
  const { l10n } = host;
  const ports = host.ports();
  const { session, iteration, newest } = queue;
  if (iteration === null) throw notAvailable(l10n.t('There is no batch to review.'));
  if (newest?.id === iteration.id && iteration.status === 'reviewing') {
    const facts = await sessionFacts(ports, session, iteration);
    const finish = availableActions(session, iteration, facts).find(({ action }) => action === 'finish-review');
    if (finish?.enabled !== true) {
      throw notAvailable(obstacleText(l10n, finish) ?? l10n.t('There is no batch to review.'));
    }
    const open = facts.openSamples;
    const question =
      open === 1
        ? l10n.t('One sample was not reviewed. It returns to the pool and may be selected again.')
        : l10n.t('{0} samples were not reviewed. They return to the pool and may be selected again.', open);
    if (open > 0 && !(await host.confirm(question, l10n.t('Train Now')))) return;
    await finishReviewOperation.run(ports, { iteration: iteration.id }, {});
    host.databaseChanged();
  }
  host.trainNext();
}
