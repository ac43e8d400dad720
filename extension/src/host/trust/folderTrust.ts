import { visibleLine } from '../../core/text/escapeText.ts';
import * as vscode from 'vscode';
import type { Stranger } from '../../composition/trust.ts';
import { commandIds } from '../ids.ts';
import { showInformation, showWarning } from '../ui/window.ts';

/**
 * Asks beside the work whether sessions that came with a folder are trusted, once a window; whoever chose to look only is
 * not asked again. Every place outside the workspace that they lead to is named before they are trusted.
 * @returns whether the user trusts them.
 */
export async function askTrust(stranger: Stranger, memory: vscode.Memento): Promise<boolean> {
  const key = `onlyLook:${stranger.folder}`;
  if (memory.get<boolean>(key) === true) return false;
  const trust = vscode.l10n.t('Trust');
  const look = vscode.l10n.t('Only Look');
  const chosen = await showWarning(
    vscode.l10n.t('These sessions came with the folder: you did not make them on this machine. Trust them?'),
    trust,
    look,
  );
  if (chosen === look) await memory.update(key, true);
  if (chosen !== trust) return false;
  const leadsElsewhere = stranger.target !== null || stranger.outside.length > 0 || stranger.isCut;
  return !leadsElsewhere || confirmTrust(stranger);
}

/** Asks in a dialog that says what trusting means, and names every place that is touched. */
export async function confirmTrust({ folder, target, sessions, outside, isCut }: Stranger): Promise<boolean> {
  const trust = vscode.l10n.t('Trust');
  const lines = [
    vscode.l10n.t(
      'If you trust them, verdicts that were left open are written into label files, and the models and metrics in {0} are run.',
      folder,
    ),
    ...(target === null ? [] : [vscode.l10n.t('This folder is a link to {0}.', target)]),
    ...(outside.length === 0
      ? []
      : [
          vscode.l10n.t('They also read and write in these places outside the workspace:'),
          ...outside.map(visibleLine),
        ]),
    ...(isCut ? [vscode.l10n.t('There are more sessions and places than are listed here.')] : []),
  ];
  const question =
    sessions.length === 0
      ? vscode.l10n.t('These files came with the folder: you did not make them on this machine. Trust them?')
      : vscode.l10n.t('These sessions came with the folder: you did not make them on this machine. Trust them?');
  const chosen = await showWarning(question, { modal: true, detail: lines.join('\n\n') }, trust);
  return chosen === trust;
}

/** Says that a command needs sessions that are trusted, and offers the way there. */
export async function offerFolderTrust(): Promise<void> {
  const trust = vscode.l10n.t('Trust Sessions in This Folder');
  const chosen = await showInformation(
    vscode.l10n.t(
      'These sessions came with the folder. They can be looked at; training, review and every change need your trust.',
    ),
    trust,
  );
  if (chosen === trust) await vscode.commands.executeCommand(commandIds.folderTrust);
}
