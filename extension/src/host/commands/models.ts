import { dirname } from 'node:path';
import * as vscode from 'vscode';
import { exportModelOperation } from '../../workflow/operations/iterationOperations.ts';
import type { ModelVersionRow } from '../../workflow/ports/store/models.ts';
import { sessionStatus } from '../../workflow/session/status.ts';
import { browsedSession, chosenSession, givenId, offer, waysOn, type ChosenSession, type WayOut } from './targets.ts';
import type { CommandHandler } from './handler.ts';
import { reveal } from './reveal.ts';
import { showInformation, showList, showProgress } from '../ui/window.ts';
import { completeStep } from '../ui/walkthrough.ts';

/** Exports the best model of a session. */
export const exportModelCommand: CommandHandler = async (host, argument) => {
  const chosen = await chosenSession(host, argument);
  const versions = await chosen.folder.ports.store.models.list(chosen.sessionId);
  const best = versions.find(({ isBest }) => isBest) ?? versions.at(-1);
  if (best === undefined) await explainNoModel(chosen);
  else await exportVersion(chosen, best);
};

/** Exports the version of the tree item, or one that is chosen. */
export const exportVersionCommand: CommandHandler = async (host, argument) => {
  const chosen = await chosenSession(host, argument);
  const versions = await chosen.folder.ports.store.models.list(chosen.sessionId);
  if (versions.length === 0) {
    await explainNoModel(chosen);
    return;
  }
  const id =
    givenId(argument, 'modelId') ?? (await pickVersion(versions, vscode.l10n.t('Which version should be exported?')));
  const version = versions.find((row) => row.id === id);
  if (version !== undefined) await exportVersion(chosen, version);
};

async function exportVersion({ folder, sessionId, session }: ChosenSession, version: ModelVersionRow): Promise<void> {
  const place = await vscode.window.showSaveDialog({
    // The dialog speaks of a file; what is made is a folder of files.
    title: vscode.l10n.t('Export Model Version {0}: Name the Folder', version.versionNumber),
    saveLabel: vscode.l10n.t('Export to This Folder'),
    // In a folder that is there: VS Code would ask about any other.
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
    vscode.l10n.t('The model is exported to {0}: weights, ONNX, metrics and model card.', folder),
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
  const chosen = await chosenSession(host, argument);
  const { folder, sessionId } = chosen;
  const versions = await folder.ports.store.models.list(sessionId);
  if (versions.length === 0) {
    await explainNoModel(chosen);
    return;
  }
  const id =
    givenId(argument, 'modelId') ?? (await pickVersion(versions, vscode.l10n.t('Which version should predict?')));
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
  const chosen = await browsedSession(host, argument);
  const versions = await chosen.folder.ports.store.models.list(chosen.sessionId);
  const id = givenId(argument, 'modelId');
  const version = versions.find((row) => (id === undefined ? row.isBest : row.id === id)) ?? versions.at(-1);
  if (version === undefined) {
    await explainNoModel(chosen);
    return;
  }
  const { artifacts } = chosen.folder.ports;
  if (await artifacts.exists(version.weightsPath)) {
    await reveal(version.weightsPath);
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
  return waysOn(chosen, await sessionStatus(chosen.folder.ports, chosen.sessionId));
}
