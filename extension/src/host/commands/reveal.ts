import * as vscode from 'vscode';
import { showInformation } from '../ui/window.ts';

/**
 * Shows a file or folder: in the Explorer if it is in the workspace, otherwise in the system's file manager. On a remote
 * machine there is no file manager to show, so a message gives the path.
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
