import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { exportModel } from '../../workflow/exportModel.ts';
import { sessionStatus } from '../../workflow/status.ts';
import { browsedSession, chosenSession, givenId, offer, waysOn, type ChosenSession, type WayOut } from './context.ts';
import type { CommandHandler } from './handler.ts';

/** Exports the best model, or the version of the tree item. */
export const exportModelCommand: CommandHandler = async (host, argument) => {
  const chosen = await chosenSession(host, argument);
  const { folder, sessionId } = chosen;
  const versions = await folder.engine.store.models.list(sessionId);
  const id = givenId(argument, 'modelId');
  const version = versions.find((row) => (id === undefined ? row.isBest : row.id === id)) ?? versions.at(-1);
  if (version === undefined) {
    await explainNoModel(chosen);
    return;
  }
  const place = await vscode.window.showSaveDialog({
    title: vscode.l10n.t('Export Model Version {0}', version.versionNumber),
    saveLabel: vscode.l10n.t('Export'),
    // In a folder that is there: VS Code would ask about any other.
    defaultUri: vscode.Uri.joinPath(
      folder.folder.uri,
      `${chosen.session.name.replace(/[\\/:*?"<>|]+/g, '-')}-v${version.versionNumber}`,
    ),
  });
  if (place === undefined) return;
  const { files } = await vscode.window.withProgress(
    { location: vscode.ProgressLocation.Window, title: vscode.l10n.t('Exporting the model') },
    () => exportModel(folder.engine, sessionId, place.fsPath, version.id),
  );
  await showExported(files);
};

async function showExported(files: readonly string[]): Promise<void> {
  const [first] = files;
  if (first === undefined) return;
  const folder = dirname(first);
  const reveal = vscode.l10n.t('Reveal');
  const copy = vscode.l10n.t('Copy Path');
  const open = vscode.l10n.t('Open Model Card');
  const chosen = await vscode.window.showInformationMessage(
    vscode.l10n.t('The model is exported to {0}: weights, ONNX, metrics and model card.', folder),
    reveal,
    copy,
    open,
  );
  if (chosen === copy) await vscode.env.clipboard.writeText(first);
  if (chosen === reveal) await revealFile(first);
  if (chosen === open) {
    const card = files.find((file) => file.endsWith('-model-card.md'));
    if (card !== undefined) await vscode.commands.executeCommand('markdown.showPreview', vscode.Uri.file(card));
  }
}

/** Files of the workspace in the Explorer; others in the system's file manager, which a remote machine lacks. */
async function revealFile(path: string): Promise<void> {
  const uri = vscode.Uri.file(path);
  const inside = vscode.workspace.getWorkspaceFolder(uri) !== undefined;
  const command = inside || vscode.env.remoteName !== undefined ? 'revealInExplorer' : 'revealFileInOS';
  await vscode.commands.executeCommand(command, uri);
}

export const setActiveModel: CommandHandler = async (host, argument) => {
  const chosen = await chosenSession(host, argument);
  const { folder, sessionId } = chosen;
  const versions = await folder.engine.store.models.list(sessionId);
  if (versions.length === 0) {
    await explainNoModel(chosen);
    return;
  }
  const id = givenId(argument, 'modelId') ?? (await pickVersion(versions));
  if (id === undefined) return;
  await folder.engine.store.models.setActive(id);
  folder.changed();
};

async function pickVersion(
  versions: Awaited<ReturnType<ChosenSession['folder']['engine']['store']['models']['list']>>,
): Promise<number | undefined> {
  const picked = await vscode.window.showQuickPick(
    versions.toReversed().map((version) => ({
      label: vscode.l10n.t('Model version {0}', version.versionNumber),
      description: [
        ...(version.isBest ? [vscode.l10n.t('best')] : []),
        ...(version.isActive ? [vscode.l10n.t('active')] : []),
      ].join(' · '),
      id: version.id,
    })),
    { placeHolder: vscode.l10n.t('Which version should predict?') },
  );
  return picked?.id;
}

export const revealModel: CommandHandler = async (host, argument) => {
  const chosen = await browsedSession(host, argument);
  const versions = await chosen.folder.engine.store.models.list(chosen.sessionId);
  const id = givenId(argument, 'modelId');
  const version = versions.find((row) => (id === undefined ? row.isBest : row.id === id)) ?? versions.at(-1);
  if (version === undefined) {
    await explainNoModel(chosen);
    return;
  }
  const { artifacts } = chosen.folder.engine;
  if (await artifacts.exists(version.weightsPath)) {
    await revealFile(version.weightsPath);
    return;
  }
  await offer(
    vscode.l10n.t('The files of model version {0} are gone: {1}', version.versionNumber, version.weightsPath),
    ...(await waysOnWith(chosen)),
  );
};

async function explainNoModel(chosen: ChosenSession): Promise<void> {
  await offer(vscode.l10n.t('"{0}" has no model yet.', chosen.session.name), ...(await waysOnWith(chosen)));
}

async function waysOnWith(chosen: ChosenSession): Promise<readonly WayOut[]> {
  return waysOn(chosen, await sessionStatus(chosen.folder.engine, chosen.sessionId));
}
