import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { commandIds, settingKeys, settingsSection } from '../ids.ts';
import { databaseIn, storageFolderIn } from '../paths.ts';
import { hasStorageSetting, setStorageParent, storageParent } from '../settings.ts';
import { showInformation, showList, showWarning, UserCancelled } from '../ui/window.ts';

/**
 * Shows that a folder cannot store sessions, and offers to choose another location.
 * @param holdsSessions the folder has sessions, which can be viewed.
 */
export async function showReadOnlyFolder(folder: vscode.WorkspaceFolder, holdsSessions: boolean): Promise<void> {
  const choose = vscode.l10n.t('Choose Session Storage Location');
  const text = holdsSessions
    ? vscode.l10n.t(
        'The folder {0} is read-only, so you can only view its sessions. To train and review, store a copy of them elsewhere.',
        storageParent(folder),
      )
    : vscode.l10n.t('The folder {0} is read-only and cannot store sessions.', storageParent(folder));
  if ((await showInformation(text, choose)) !== choose) return;
  await vscode.commands.executeCommand(commandIds.storageChoose, folder.uri);
}

/**
 * Before a session is created: asks for another storage location if the folder is not writable.
 * @param extensionStorage a folder of the extension that all workspaces share.
 * @returns whether the user chose another location.
 * @throws UserCancelled
 */
export async function requireWritableStorage(
  folder: vscode.WorkspaceFolder,
  extensionStorage: vscode.Uri,
): Promise<boolean> {
  if (await canStoreSessions(storageParent(folder))) return false;
  await chooseStorageLocation(folder, extensionStorage);
  return true;
}

/**
 * Asks where to store the sessions of a folder and uses that location from then on. Copies existing sessions there.
 * @param extensionStorage a folder of the extension that all workspaces share.
 * @throws UserCancelled
 */
export async function chooseStorageLocation(
  folder: vscode.WorkspaceFolder,
  extensionStorage: vscode.Uri,
): Promise<void> {
  const before = storageParent(folder);
  if (hasStorageSetting(folder)) {
    const open = vscode.l10n.t('Open Settings');
    const text = vscode.l10n.t('A setting defines where sessions are stored: {0}. Change the setting instead.', before);
    if ((await showInformation(text, open)) === open) {
      await vscode.commands.executeCommand(
        'workbench.action.openSettings',
        `${settingsSection}.${settingKeys.storageFolder}`,
      );
    }
    throw new UserCancelled();
  }
  const parent = await pickStorageParent(folder, extensionStorage);
  if (parent === before) return;
  if (existsSync(databaseIn(before)) && !existsSync(databaseIn(parent))) {
    const { copySessions } = await import('./deferred.ts');
    await copySessions(storageFolderIn(before), storageFolderIn(parent));
  } else await mkdir(parent, { recursive: true, mode: 0o700 });
  await setStorageParent(folder, parent);
}

async function pickStorageParent(folder: vscode.WorkspaceFolder, extensionStorage: vscode.Uri): Promise<string> {
  const hash = createHash('sha256').update(folder.uri.toString()).digest('hex').slice(0, 8);
  const name = folder.name.replace(/[^\p{Letter}\p{Number}._-]+/gu, '-');
  const own = join(extensionStorage.fsPath, 'sessions', `${name}-${hash}`);
  for (;;) {
    const chosen = await showList(
      [
        {
          label: vscode.l10n.t('With VS Code'),
          detail: vscode.l10n.t('In the storage of this extension, on this machine'),
          icon: 'archive',
          place: own,
        },
        { label: vscode.l10n.t('Choose a Folder…'), icon: 'folder-opened', place: null },
      ],
      {
        title: vscode.l10n.t('Choose Session Storage Location'),
        placeHolder: (await canStoreSessions(storageParent(folder)))
          ? vscode.l10n.t('Where do you want to store the sessions of {0}? Images are not moved.', folder.name)
          : vscode.l10n.t('"{0}" is read-only. Choose another folder.', folder.name),
      },
    );
    if (chosen === undefined) throw new UserCancelled();
    const parent = chosen.place ?? (await browseForFolder());
    if (parent === undefined) continue;
    if (await canStoreSessions(parent)) return parent;
    void showWarning(vscode.l10n.t('The folder {0} is not writable either.', parent));
  }
}

async function canStoreSessions(parent: string): Promise<boolean> {
  const deferred = await import('./deferred.ts');
  return deferred.canStoreSessions(parent);
}

async function browseForFolder(): Promise<string | undefined> {
  const [uri] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: vscode.l10n.t('Select'),
    })) ?? [];
  return uri?.fsPath;
}
