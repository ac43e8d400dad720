import * as vscode from 'vscode';
import { showInformation } from '../ui/window.ts';

/**
 * Shows a file or folder: in the Explorer where it belongs to the workspace, otherwise in the system's file manager. A
 * remote machine has none that would be seen, so that there it says where to find it.
 */
export async function reveal(path: string): Promise<void> {
  const uri = vscode.Uri.file(path);
  if (vscode.workspace.getWorkspaceFolder(uri) !== undefined) {
    await vscode.commands.executeCommand('revealInExplorer', uri);
    return;
  }
  if (vscode.env.remoteName === undefined) {
    await vscode.commands.executeCommand('revealFileInOS', uri);
    return;
  }
  const copy = vscode.l10n.t('Copy Path');
  const chosen = await showInformation(
    vscode.l10n.t('{0} is on the remote machine, outside this workspace.', path),
    copy,
  );
  if (chosen === copy) await vscode.env.clipboard.writeText(path);
}
