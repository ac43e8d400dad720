import * as vscode from 'vscode';
import { finishReviewOperation } from '../../workflow/operations/iterationOperations.ts';
import { currentIteration } from '../../workflow/session/sessions.ts';
import { sessionStatusOperation } from '../../workflow/operations/sessionOperations.ts';
import type { CommandHandler } from '../context.ts';
import { commandIds } from '../ids.ts';
import { setAsideText } from '../text/imageCountsText.ts';
import { iterationName } from '../text/iterationText.ts';
import { obstacleText } from '../text/obstacleText.ts';
import { pickSession, pickWritableSession, showWithActions, suggestedActions } from './targets.ts';
import { showWarning } from '../ui/window.ts';

export const openReview: CommandHandler = async (host, argument) => {
  const chosen = await pickSession(host, argument, ({ status }) => status === 'active');
  const { folder, sessionId, session } = chosen;
  const ref = { folder, sessionId };
  const view = await sessionStatusOperation.run(folder.ports, { session: sessionId }, {});
  if (view.iterations.some(({ samples }) => samples.total > 0)) {
    await host.panels.showReview(ref);
    return;
  }
  await showWithActions(
    vscode.l10n.t('"{0}" has no samples to review yet. An iteration selects them.', session.name),
    ...suggestedActions(chosen, view),
  );
};

export const finishReviewCommand: CommandHandler = async (host, argument) => {
  const chosen = await pickWritableSession(host, argument, ({ status }) => status === 'active');
  const { folder, sessionId, session } = chosen;
  const ref = { folder, sessionId };
  const view = await sessionStatusOperation.run(folder.ports, { session: sessionId }, {});
  const action = view.actions.find((entry) => entry.action === 'finish-review');
  const last = await currentIteration(folder.ports, sessionId);
  if (action?.enabled !== true || last === null) {
    await showWithActions(
      obstacleText(vscode.l10n, action) ?? vscode.l10n.t('No review to finish.'),
      ...suggestedActions(chosen, view),
    );
    return;
  }
  const { open } = await folder.ports.store.samples.progress(last.id);
  if (open > 0) {
    const finish = vscode.l10n.t('Finish Review');
    const answer = await showWarning(
      vscode.l10n.t('{0} samples have no verdict yet. Finish the review anyway?', open),
      { modal: true, detail: vscode.l10n.t('They return to the pool and may be selected again.') },
      finish,
    );
    if (answer !== finish) return;
  }
  await finishReviewOperation.run(folder.ports, { iteration: last.id }, {});
  folder.changed();
  const dataset = await folder.ports.store.datasets.get(session.datasetId);
  const after = await sessionStatusOperation.run(folder.ports, { session: session.id }, {});
  const setAside = setAsideText(vscode.l10n, after.labelled);
  const name = iterationName(vscode.l10n, last.iterationNumber);
  const finished = vscode.l10n.t('Finished the review of "{0}", {1}.', session.name, name);
  await showWithActions(
    setAside === null ? finished : `${finished} ${setAside}`,
    ...suggestedActions(ref, after),
    ...(dataset?.source.kind === 'folder'
      ? [{ title: vscode.l10n.t('Write data.yaml'), command: commandIds.datasetDescribe, argument: ref }]
      : []),
  );
};

export const openMetrics: CommandHandler = async (host, argument) => {
  const { folder, sessionId } = await pickSession(host, argument);
  await host.panels.showMetrics({ folder, sessionId });
};
