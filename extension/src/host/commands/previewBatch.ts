import * as vscode from 'vscode';
import { batchSettings } from '../../core/session/sessionSettings.ts';
import type { BatchChange } from '../../core/session/types.ts';
import { applyBatchOperation, previewBatchOperation } from '../../workflow/operations/poolOperations.ts';
import type { BatchPreview } from '../../workflow/iteration/selection/previewBatch.ts';
import { pluginScores } from '../../workflow/session/uncertaintyScore.ts';
import type { CommandHandler } from '../context.ts';
import { findWeights } from '../session/datasetSearch.ts';
import { settingsSummary } from '../session/fields.ts';
import { back, pickItem } from '../session/multiStep.ts';
import { editSettings, type SettingChanges } from '../session/settingsList.ts';
import { batchLines, batchSummary, type BatchLine } from '../text/batchText.ts';
import { pickWritableSession, showWithActions, type SessionTarget } from './targets.ts';
import { commandIds } from '../ids.ts';
import { openImage } from './openImage.ts';
import { withProgress } from '../ui/progress.ts';
import type { ListRow } from '../ui/window.ts';

/** "Preview Batch": shows how other settings would change the batch, and applies them if the user confirms. */
export const previewBatchCommand: CommandHandler = async (host, argument) => {
  const chosen = await pickWritableSession(host, argument, ({ status }) => status === 'active');
  const { folder, sessionId, session } = chosen;
  const weights = findWeights(folder.folder);
  let before: SettingChanges = {};
  for (;;) {
    const end = await editSettings(() => session, before, {
      title: vscode.l10n.t('Preview the batch of "{0}"', session.name),
      step: 1,
      totalSteps: 2,
      canGoBack: false,
      fields: batchSettings,
      done: {
        label: vscode.l10n.t('Show batch'),
        detail: (settings) => `${settings.strategy} · ${settingsSummary(vscode.l10n, settings)}`,
      },
      extras: [],
      weights,
      pluginScores: () => pluginScores(folder.ports),
      takenNames: [],
    });
    if (end.kind !== 'done') return;
    before = end.changes;
    const change: BatchChange = end.changes;
    const preview = await withProgress(vscode.l10n.t('Selecting a batch…'), (task) =>
      previewBatchOperation.run(folder.ports, { session: sessionId, settings: change }, task),
    );
    const answer = await show(chosen, preview);
    if (answer === back) continue;
    try {
      await withProgress(vscode.l10n.t('Replacing the batch…'), (task) =>
        applyBatchOperation.run(folder.ports, { session: sessionId, settings: change }, task),
      );
    } finally {
      folder.changed();
    }
    await showWithActions(vscode.l10n.t('Replaced the batch of "{0}".', session.name), {
      title: vscode.l10n.t('Review'),
      command: commandIds.reviewOpen,
      argument: { folder, sessionId },
    });
    return;
  }
};

interface PreviewItem extends ListRow {
  readonly line?: BatchLine;
  readonly use?: true;
}

/** Shows the preview until the user applies the change or goes back. @throws UserCancelled */
async function show({ session }: SessionTarget, preview: BatchPreview): Promise<'use' | typeof back> {
  const items: PreviewItem[] = [
    ...(preview.applicable && preview.entering.length + preview.leaving.length > 0
      ? [{ icon: 'check', label: vscode.l10n.t('Use this batch'), use: true as const, alwaysShow: true }]
      : []),
    ...batchLines(vscode.l10n, preview).map(toItem),
  ];
  let active: PreviewItem | undefined;
  for (;;) {
    const item = await pickItem<PreviewItem>({
      title: vscode.l10n.t('Preview the batch of "{0}"', session.name),
      step: 2,
      totalSteps: 2,
      canGoBack: true,
      items,
      placeholder: placeholder(preview),
      ...(active === undefined ? {} : { active }),
    });
    if (item === back) return back;
    if (item.use === true) return 'use';
    active = item;
    if (item.line?.kind === 'image') await openImage(item.line.path);
  }
}

function placeholder(preview: BatchPreview): string {
  const summary = batchSummary(vscode.l10n, preview);
  return preview.applicable
    ? vscode.l10n.t('{0}. Select an image to open it', summary)
    : vscode.l10n.t('{0}. This batch cannot be replaced because some samples are reviewed', summary);
}

function toItem(line: BatchLine): PreviewItem {
  if (line.kind === 'heading') return { label: line.label, kind: vscode.QuickPickItemKind.Separator };
  if (line.kind !== 'image') return { label: line.label, description: line.description, line };
  const icon = line.change === 'comes' ? 'add' : 'remove';
  return { icon, label: line.label, detail: line.description, line };
}
