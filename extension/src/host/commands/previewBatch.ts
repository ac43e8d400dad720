import * as vscode from 'vscode';
import { batchSettings } from '../../core/session/sessionSettings.ts';
import type { BatchChange } from '../../core/session/types.ts';
import { runInBackground } from '../../workflow/iteration/runInBackground.ts';
import { applyBatchChange } from '../../workflow/iteration/applyBatchChange.ts';
import type { BatchPreview } from '../../workflow/iteration/selection/previewBatch.ts';
import { pluginMetrics } from '../../workflow/session/uncertaintyScore.ts';
import { findWeights } from '../session/datasetSearch.ts';
import { settingsSummary } from '../session/fields.ts';
import { back, pickItem } from '../session/multiStep.ts';
import { editSettings, type SettingChanges } from '../session/settingsList.ts';
import { batchLines, batchSummary, type BatchLine } from '../text/batchText.ts';
import { chosenSession, offer, type ChosenSession } from './targets.ts';
import { commandIds } from '../ids.ts';
import type { CommandHandler } from './handler.ts';
import { openImage } from './openImage.ts';
import { withProgress } from '../ui/progress.ts';
import type { ListRow } from '../ui/window.ts';

/** "Preview Batch": shows what other settings would make of the batch, and makes the change when the person says so. */
export const previewBatchCommand: CommandHandler = async (host, argument) => {
  const chosen = await chosenSession(host, argument, ({ status }) => status === 'active');
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
        label: vscode.l10n.t('Show the batch'),
        detail: (settings) => `${settings.strategy} · ${settingsSummary(vscode.l10n, settings)}`,
      },
      extras: [],
      weights,
      pluginMetrics: () => pluginMetrics(folder.ports),
      takenNames: [],
    });
    if (end.kind !== 'done') return;
    before = end.changes;
    const change: BatchChange = end.changes;
    const preview = await withProgress(vscode.l10n.t('Choosing a batch…'), (task) =>
      runInBackground(folder.ports, 'previewBatch', [sessionId, change], task),
    );
    const answer = await show(chosen, preview);
    if (answer === back) continue;
    try {
      await withProgress(vscode.l10n.t('Replacing the batch…'), (task) =>
        applyBatchChange(folder.ports, sessionId, change, task),
      );
    } finally {
      folder.changed();
    }
    await offer(vscode.l10n.t('The batch of "{0}" is replaced.', session.name), {
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

/** Shows the preview until the person makes the change or goes back. @throws Dismissed */
async function show({ session }: ChosenSession, preview: BatchPreview): Promise<'use' | typeof back> {
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
    ? vscode.l10n.t('{0}. Choose an image to see it', summary)
    : vscode.l10n.t('{0}. Some samples are reviewed, so that this batch cannot be replaced', summary);
}

function toItem(line: BatchLine): PreviewItem {
  if (line.kind === 'heading') return { label: line.label, kind: vscode.QuickPickItemKind.Separator };
  if (line.kind !== 'image') return { label: line.label, description: line.description, line };
  const icon = line.change === 'comes' ? 'add' : 'remove';
  return { icon, label: line.label, detail: line.description, line };
}
