import * as vscode from 'vscode';
import { Dismissed } from '../ui/userCancelled.ts';
import { confirmTrust } from '../trust/folderTrust.ts';
import { showInformation, showList } from '../ui/window.ts';
import { requireFolder, requireTrust } from './targets.ts';
import type { CommandHandler } from './handler.ts';

/** "Trust Sessions in This Folder": opens sessions that came with a folder in earnest. */
export const trustFolderCommand: CommandHandler = async (host) => {
  await requireFolder();
  await requireTrust();
  const strangers = await host.folders.strangers();
  const [first, ...others] = strangers;
  if (first === undefined) {
    void showInformation(vscode.l10n.t('You made or trust all sessions here, so there is nothing to trust.'));
    return;
  }
  const chosen =
    others.length === 0
      ? first
      : (
          await showList(
            strangers.map((each) => ({ label: each.folder.name, description: each.stranger.folder, each })),
            { placeHolder: vscode.l10n.t('In which folder?') },
          )
        )?.each;
  if (chosen === undefined || !(await confirmTrust(chosen.stranger))) throw new Dismissed();
  await host.folders.trust(chosen.folder);
};
