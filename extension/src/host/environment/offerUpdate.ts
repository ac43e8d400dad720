import * as vscode from 'vscode';
import { commandIds } from '../ids.ts';
import type { PythonEnvironment } from './environment.ts';
import { showInformation } from '../ui/window.ts';

interface Answer extends vscode.MessageItem {
  /** Nothing for a no. */
  readonly command?: string;
}

const declinedKey = 'environment.updateDeclined';

/**
 * Says that the environment was set up for another version of the extension, and offers to make it anew. An answer holds
 * until the packages change again.
 * @param memory keeps the answer over all windows.
 */
export async function offerUpdate(environment: PythonEnvironment, memory: vscode.Memento): Promise<void> {
  if (!vscode.workspace.isTrusted) return;
  const folders = vscode.workspace.workspaceFolders ?? [];
  const changes = folders.map((folder) => environment.outdated(folder)).find(({ length }) => length > 0);
  if (changes === undefined || memory.get(declinedKey) === changes.join()) return;
  const later: Answer = { title: vscode.l10n.t('Not Now') };
  const chosen = await showInformation<Answer>(
    vscode.l10n.t(
      'The training environment was set up for another version of this extension, which now trains with {0}.',
      changes.join(', '),
    ),
    updateAction(),
    later,
  );
  if (chosen?.command !== undefined) await vscode.commands.executeCommand(chosen.command);
  else if (chosen !== undefined) await memory.update(declinedKey, changes.join());
}

/** Makes a new environment, which takes the place of the one in use. */
export function updateAction(): { readonly title: string; readonly command: string } {
  return { title: vscode.l10n.t('Update Training Environment'), command: commandIds.environmentSetUp };
}
