import * as vscode from 'vscode';

/** Opens an image while a list stays open. */
export async function openImage(path: string): Promise<void> {
  const options = { viewColumn: vscode.ViewColumn.Active, preview: true, preserveFocus: true };
  await vscode.commands.executeCommand('vscode.open', vscode.Uri.file(path), options);
}
