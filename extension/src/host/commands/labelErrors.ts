import * as vscode from 'vscode';
import { findLabelErrorsOperation } from '../../workflow/operations/labelOperations.ts';
import { sessionStatusOperation } from '../../workflow/operations/sessionOperations.ts';
import type { CommandHandler } from '../context.ts';
import { comparedText, findingText } from '../text/labelErrorText.ts';
import { withProgress } from '../ui/progress.ts';
import { showInformation } from '../ui/window.ts';
import { pickWritableSession, showWithActions, suggestedActions } from './targets.ts';

/** "Find Label Errors": opens the labelled images that disagree with the model in the review editor, the worst first. */
export const findLabelErrorsCommand: CommandHandler = async (host, argument) => {
  const chosen = await pickWritableSession(host, argument);
  const { folder, sessionId, session } = chosen;
  const { ports } = folder;
  if ((await ports.store.models.list(sessionId)).length === 0) {
    const view = await sessionStatusOperation.run(ports, { session: sessionId }, {});
    await showWithActions(vscode.l10n.t('"{0}" has no model yet.', session.name), ...suggestedActions(chosen, view));
    return;
  }
  const since = new Date().toISOString();
  const report = await withProgress(vscode.l10n.t('Comparing the labels with the model'), (task) =>
    findLabelErrorsOperation.run(ports, { session: sessionId }, task),
  );
  if (report.images.length === 0) {
    const none = vscode.l10n.t('No label of "{0}" disagrees with the model.', session.name);
    void showInformation(`${none} ${comparedText(vscode.l10n, report)}`);
    return;
  }
  await host.panels.showImages(
    { folder, sessionId },
    {
      title: vscode.l10n.t('Label errors in "{0}"', session.name),
      images: report.images.map(({ imageId }) => imageId),
      reasons: report.images.map(({ findings }) =>
        findings.slice(0, mostReasons).map((finding) => findingText(vscode.l10n, finding)),
      ),
      since,
    },
  );
  const counts = vscode.l10n.t('{0} images may have label errors, the worst first.', report.images.length);
  void showInformation(`${counts} ${comparedText(vscode.l10n, report)}`);
};

/** More would fill the panel, and the boxes show them. */
const mostReasons = 10;
