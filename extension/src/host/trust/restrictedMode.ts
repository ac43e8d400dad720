import * as vscode from 'vscode';
import { showInformation } from '../ui/window.ts';

/** Says that this needs a trusted workspace, and offers the way there. */
export async function offerTrust(): Promise<void> {
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const chosen = await showInformation(
    vscode.l10n.t(
      'This workspace is in Restricted Mode: its sessions can be looked at, but training, review and every change need a trusted workspace.',
    ),
    manage,
  );
  if (chosen === manage) await vscode.commands.executeCommand('workbench.trust.manage');
}
