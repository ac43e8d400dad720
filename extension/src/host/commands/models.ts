import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { exportModelOperation } from '../../workflow/operations/iterationOperations.ts';
import type { ModelVersionRow } from '../../workflow/ports/store/models.ts';
import { sessionStatusOperation } from '../../workflow/operations/sessionOperations.ts';
import type { CommandHandler } from '../context.ts';
import {
  pickSession,
  pickWritableSession,
  argumentId,
  showWithActions,
  suggestedActions,
  type SessionTarget,
  type SuggestedAction,
} from './targets.ts';
import { reveal } from './reveal.ts';
import { showInformation, showList, showProgress } from '../ui/window.ts';
import { completeStep } from '../ui/walkthrough.ts';

/** Exports the best model version of a session. */
export const exportModelCommand: CommandHandler = async (host, argument) => {
  const chosen = await pickWritableSession(host, argument);
  const versions = await chosen.folder.ports.store.models.list(chosen.sessionId);
  const best = versions.find(({ isBest }) => isBest) ?? versions.at(-1);
  if (best === undefined) await showNoModel(chosen);
  else await exportVersion(chosen, best);
};

/** Exports the model version of the tree item, or one that the user picks. */
export const exportVersionCommand: CommandHandler = async (host, argument) => {
  const chosen = await pickWritableSession(host, argument);
  const versions = await chosen.folder.ports.store.models.list(chosen.sessionId);
  if (versions.length === 0) {
    await showNoModel(chosen);
    return;
  }
  const id =
    argumentId(argument, 'modelId') ?? (await pickVersion(versions, vscode.l10n.t('Select a model version to export')));
  const version = versions.find((row) => row.id === id);
  if (version !== undefined) await exportVersion(chosen, version);
};

async function exportVersion({ folder, sessionId, session }: SessionTarget, version: ModelVersionRow): Promise<void> {
  const place = await vscode.window.showSaveDialog({
    // The dialog asks for a file, but the export creates a folder.
    title: vscode.l10n.t('Export Model Version {0}: Name the Folder', version.versionNumber),
    saveLabel: vscode.l10n.t('Export to This Folder'),
    // In an existing folder, since VS Code asks before it creates one.
    defaultUri: vscode.Uri.joinPath(
      folder.folder.uri,
      `${session.name.replace(/[\\/:*?"<>|]+/g, '-')}-v${version.versionNumber}`,
    ),
  });
  if (place === undefined) return;
  const files = await showProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Exporting the model') },
    () => exportModelOperation.run(folder.ports, { session: sessionId, to: place.fsPath, version: version.id }, {}),
  );
  completeStep('export');
  await showExported(files);
}

async function showExported(files: readonly string[]): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  const folder = dirname(first);
  const show = vscode.l10n.t('Reveal');
  const copy = vscode.l10n.t('Copy Path');
  const open = vscode.l10n.t('Open Model Card');
  const chosen = await showInformation(
    vscode.l10n.t('Exported the model to {0}: weights, ONNX, metrics and model card.', folder),
    show,
    copy,
    open,
  );
  if (chosen === copy) await vscode.env.clipboard.writeText(first);
  if (chosen === show) await reveal(first);
  if (chosen === open) {
    const card = files.find((file) => file.endsWith('-model-card.md'));
    if (card !== undefined) await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.file(card));
  }
}

export const setActiveModel: CommandHandler = async (host, argument) => {
  const chosen = await pickWritableSession(host, argument);
  const { folder, sessionId } = chosen;
  const versions = await folder.ports.store.models.list(sessionId);
  if (versions.length === 0) {
    await showNoModel(chosen);
    return;
  }
  const id =
    argumentId(argument, 'modelId') ??
    (await pickVersion(versions, vscode.l10n.t('Select the model version used for predictions')));
  if (id === undefined) return;
  await folder.ports.store.models.setActive(id);
  folder.changed();
};

async function pickVersion(versions: readonly ModelVersionRow[], placeHolder: string): Promise<number | undefined> {
  const picked = await showList(
    versions.toReversed().map((version) => ({
      label: vscode.l10n.t('Model version {0}', version.versionNumber),
      description: [
        ...(version.isBest ? [vscode.l10n.t('best')] : []),
        ...(version.isActive ? [vscode.l10n.t('active')] : []),
      ].join(' · '),
      id: version.id,
    })),
    { placeHolder },
  );
  return picked?.id;
}

export const revealModel: CommandHandler = async (host, argument) => {
  const chosen = await pickSession(host, argument);
  const versions = await chosen.folder.ports.store.models.list(chosen.sessionId);
  const id = argumentId(argument, 'modelId');
  const version = versions.find((row) => (id === undefined ? row.isBest : row.id === id)) ?? versions.at(-1);
  if (version === undefined) {
    await showNoModel(chosen);
    return;
  }
  const { artifacts } = chosen.folder.ports;
  if (await artifacts.exists(version.weightsPath)) {
    await reveal(version.weightsPath);
    return;
  }
  await showWithActions(
    vscode.l10n.t('The files of model version {0} no longer exist: {1}', version.versionNumber, version.weightsPath),
    ...(await suggestedActionsOf(chosen)),
  );
};

async function showNoModel(chosen: SessionTarget): Promise<void> {
  await showWithActions(
    vscode.l10n.t('"{0}" has no model yet.', chosen.session.name),
    ...(await suggestedActionsOf(chosen)),
  );
}

async function suggestedActionsOf(chosen: SessionTarget): Promise<readonly SuggestedAction[]> {
  return suggestedActions(
    chosen,
    await sessionStatusOperation.run(chosen.folder.ports, { session: chosen.sessionId }, {}),
  );
}
