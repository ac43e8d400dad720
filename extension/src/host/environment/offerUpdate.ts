import * as vscode from 'vscode';
import { commandIds } from '../ids.ts';
import type { PythonEnvironment } from './environment.ts';
import { showInformation } from '../ui/window.ts';

interface Answer extends vscode.MessageItem {
  /** Undefined for "Not Now". */
  readonly command?: string;
}

const declinedKey = 'environment.updateDeclined';

/**
 * Shows that the environment was set up for a different version of the extension, and offers to update it. A declined
 * update is not offered again until the packages change.
 * @param memory stores the answer for all windows.
 */
export async function offerUpdate(environment: PythonEnvironment, memory: vscode.Memento): Promise<void> {
  if (!vscode.workspace.isTrusted) return;
  const folders = vscode.workspace.workspaceFolders ?? [];
  const changes = folders.map((folder) => environment.outdated(folder)).find(({ length }) => length > 0);
  if (changes === undefined || memory.get(declinedKey) === changes.join()) return;
  const later: Answer = { title: vscode.l10n.t('Not Now') };
  const chosen = await showInformation<Answer>(
    vscode.l10n.t(
      'The training environment was set up for a different version of this extension, which now uses {0}.',
      changes.join(', '),
    ),
    updateAction(),
    later,
  );
  if (chosen?.command !== undefined) await vscode.commands.executeCommand(chosen.command);
  else if (chosen !== undefined) await memory.update(declinedKey, changes.join());
}

/** A button that sets up a new environment, which replaces the current one. */
export function updateAction(): { readonly title: string; readonly command: string } {
  return { title: vscode.l10n.t('Update Training Environment'), command: commandIds.environmentSetUp };
}
