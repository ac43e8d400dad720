import * as vscode from 'vscode';
import type { IterationRow } from '../workflow/ports/store.ts';
import { commandIds } from './ids.ts';
import type { Activity } from './services.ts';

/** Tells that an iteration is through, and offers what comes next. */
export async function announceEnd({ ref, sessionName }: Activity, iteration: IterationRow): Promise<void> {
  const { folder, sessionId } = ref;
  const number = iteration.iterationNumber;
  const accuracy =
    iteration.map50 === null
      ? ''
      : ` ${vscode.l10n.t('mAP50 {0} on {1} validation images.', iteration.map50.toFixed(2), iteration.validationImagesCount ?? 0)}`;
  const review = { title: vscode.l10n.t('Review'), command: commandIds.reviewOpen };
  const metrics = { title: vscode.l10n.t('Show Metrics'), command: commandIds.metricsOpen };
  const save = { title: vscode.l10n.t('Export Best Model'), command: commandIds.modelExport };
  const reviewing = iteration.status === 'reviewing';
  const { total } = await folder.engine.store.samples.progress(iteration.id);
  const message = reviewing
    ? vscode.l10n.t('{0}: {1} samples of iteration {2} wait for review.', sessionName, total, number)
    : vscode.l10n.t('{0}: iteration {1} is complete. No image is left to choose.', sessionName, number);
  const offers = reviewing ? (iteration.map50 === null ? [review] : [review, metrics]) : [metrics, save];
  const chosen = await vscode.window.showInformationMessage(message + accuracy, ...offers);
  if (chosen) await vscode.commands.executeCommand(chosen.command, { folder, sessionId });
}
