import * as vscode from 'vscode';
import type { UntrustedFolder } from '../../composition/trust.ts';
import { visibleLine } from '../../core/text/escapeText.ts';
import { commandIds } from '../ids.ts';
import { showInformation, showWarning } from '../ui/window.ts';

/**
 * Asks in a notification whether the user trusts sessions that came with a folder; not again once the user chose to only
 * view them. Before they are trusted, a dialog lists every location outside the workspace that they refer to.
 * @returns whether the user trusts them.
 */
export async function askTrust(stranger: UntrustedFolder, memory: vscode.Memento): Promise<boolean> {
  const key = `onlyLook:${stranger.folder}`;
  if (memory.get<boolean>(key) === true) return false;
  const trust = vscode.l10n.t('Trust');
  const viewOnly = vscode.l10n.t('View Only');
  const chosen = await showWarning(
    vscode.l10n.t(
      'These sessions came with the folder and were not created by you on this machine. Do you trust them?',
    ),
    trust,
    viewOnly,
  );
  if (chosen === viewOnly) await memory.update(key, true);
  if (chosen !== trust) return false;
  const refersOutside = stranger.target !== null || stranger.outside.length > 0 || stranger.isCut;
  return !refersOutside || confirmTrust(stranger);
}

/** Asks in a dialog that explains what trust means and lists every location that is read or written. */
export async function confirmTrust({ folder, target, sessions, outside, isCut }: UntrustedFolder): Promise<boolean> {
  const trust = vscode.l10n.t('Trust');
  const lines = [
    vscode.l10n.t(
      'If you trust them, pending verdicts are written to label files, and models and score plug-ins in {0} can run.',
      folder,
    ),
    ...(target === null ? [] : [vscode.l10n.t('This folder is a link to {0}.', target)]),
    ...(outside.length === 0
      ? []
      : [
          vscode.l10n.t('They also read and write these locations outside the workspace:'),
          ...outside.map(visibleLine),
        ]),
    ...(isCut ? [vscode.l10n.t('This list of sessions and folders is not complete.')] : []),
  ];
  const question =
    sessions.length === 0
      ? vscode.l10n.t(
          'These files came with the folder and were not created by you on this machine. Do you trust them?',
        )
      : vscode.l10n.t(
          'These sessions came with the folder and were not created by you on this machine. Do you trust them?',
        );
  const chosen = await showWarning(question, { modal: true, detail: lines.join('\n\n') }, trust);
  return chosen === trust;
}

/** Shows that a command needs trusted sessions, and offers to trust them. */
export async function showFolderTrustNeeded(): Promise<void> {
  const trust = vscode.l10n.t('Trust Sessions in This Folder');
  const chosen = await showInformation(
    vscode.l10n.t(
      'These sessions came with the folder and are view-only. Trust them to train, review or make changes.',
    ),
    trust,
  );
  if (chosen === trust) await vscode.commands.executeCommand(commandIds.folderTrust);
}

/** Shows that a command needs a trusted workspace, and offers to manage workspace trust. */
export async function showWorkspaceTrustNeeded(): Promise<void> {
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const chosen = await showInformation(
    vscode.l10n.t(
      'This workspace is in Restricted Mode, so you can only view its sessions. Trust the workspace to train, review or make changes.',
    ),
    manage,
  );
  if (chosen === manage) await vscode.commands.executeCommand('workbench.trust.manage');
}
