import * as vscode from 'vscode';
import type { CommandHandler } from '../context.ts';
import { UserCancelled } from '../ui/window.ts';
import { confirmTrust } from '../trust/folderTrust.ts';
import { showInformation, showList } from '../ui/window.ts';
import { requireFolder, requireTrust } from './targets.ts';

/** "Trust Sessions in This Folder": opens the sessions that came with a folder for writing. */
export const trustFolderCommand: CommandHandler = async (host) => {
  await requireFolder();
  await requireTrust();
  const strangers = await host.folders.untrustedFolders();
  const [first, ...others] = strangers;
  if (first === undefined) {
    void showInformation(vscode.l10n.t('You created or already trust all sessions in this workspace.'));
    return;
  }
  const chosen =
    others.length === 0
      ? first
      : (
          await showList(
            strangers.map((each) => ({ label: each.folder.name, description: each.stranger.folder, each })),
            { placeHolder: vscode.l10n.t('Select a folder') },
          )
        )?.each;
  if (chosen === undefined || !(await confirmTrust(chosen.stranger))) throw new UserCancelled();
  await host.folders.trust(chosen.folder);
};
