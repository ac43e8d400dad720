import * as vscode from 'vscode';
import type { FolderContext } from '../../workspace/folderContext.ts';

/** Why a page is view-only; null if verdicts are allowed. */
export function lockReason(folder: FolderContext): string | null {
  if (!vscode.workspace.isTrusted) {
    return vscode.l10n.t('Trust this workspace to review: verdicts write label files.');
  }
  if (folder.isReadOnly) return vscode.l10n.t('Read-only: the folder of these sessions cannot be written.');
  return folder.browseOnly
    ? vscode.l10n.t('These sessions came with the folder. Trust them to review: verdicts write label files.')
    : null;
}
