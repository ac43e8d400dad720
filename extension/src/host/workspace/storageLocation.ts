import { createHash } from 'node:crypto';
import { chmod, cp, mkdir, rm } from 'node:fs/promises';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';
import { Dismissed } from '../ui/userCancelled.ts';
import { commandIds, settingKeys, settingsSection } from '../ids.ts';
import { choosePlace, isStorageSet, storageParent } from '../settings.ts';
import { showInformation, showList, showWarning } from '../ui/window.ts';

/** What sessions go on with elsewhere: models stay where they are, and are read there. */
const carried = ['sessions.db', 'sessions.db-wal', 'labels', 'backups'];

const storageOf = (parent: string): string => join(parent, '.active-learning');

/**
 * Says that sessions cannot be kept in a folder, and offers to choose another place for them.
 * @param holdsSessions there are some, which can be looked at.
 */
export async function offerStorage(folder: vscode.WorkspaceFolder, holdsSessions: boolean): Promise<void> {
  const choose = vscode.l10n.t('Choose Where Sessions Are Kept');
  const text = holdsSessions
    ? vscode.l10n.t(
        'The folder {0} is read-only: its sessions can be looked at. To train and review, keep a copy of them elsewhere.',
        storageParent(folder),
      )
    : vscode.l10n.t('The folder {0} is read-only: sessions cannot be kept in it.', storageParent(folder));
  if ((await showInformation(text, choose)) !== choose) return;
  await vscode.commands.executeCommand(commandIds.storageChoose, folder.uri);
}

/**
 * Before a session is made: asks where to keep it if its folder cannot be written.
 * @returns whether another place was chosen.
 * @throws Dismissed
 */
export async function requireStorage(folder: vscode.WorkspaceFolder, ownPlace: vscode.Uri): Promise<boolean> {
  if (await canKeepSessions(storageParent(folder))) return false;
  await chooseStorage(folder, ownPlace);
  return true;
}

/**
 * Asks where the sessions of a folder are to be kept, and keeps them there from now on. Sessions that lie in a folder which
 * cannot be written are copied.
 * @param ownPlace a folder of the extension for all workspaces.
 * @throws Dismissed
 */
export async function chooseStorage(folder: vscode.WorkspaceFolder, ownPlace: vscode.Uri): Promise<void> {
  const before = storageParent(folder);
  if (isStorageSet(folder)) {
    const open = vscode.l10n.t('Open Settings');
    const text = vscode.l10n.t('A setting says where the sessions are kept: {0}. Change it there.', before);
    if ((await showInformation(text, open)) === open) {
      await vscode.commands.executeCommand(
        'workbench.action.openSettings',
        `${settingsSection}.${settingKeys.storageFolder}`,
      );
    }
    throw new Dismissed();
  }
  const parent = await askPlace(folder, ownPlace);
  if (parent === before) return;
  const [from, to] = [storageOf(before), storageOf(parent)];
  if (existsSync(join(from, 'sessions.db')) && !existsSync(join(to, 'sessions.db'))) await carry(from, to);
  else await mkdir(parent, { recursive: true, mode: 0o700 });
  await choosePlace(folder, parent);
}

async function askPlace(folder: vscode.WorkspaceFolder, ownPlace: vscode.Uri): Promise<string> {
  const mark = createHash('sha256').update(folder.uri.toString()).digest('hex').slice(0, 8);
  const own = join(ownPlace.fsPath, 'sessions', `${folder.name.replace(/[^\p{Letter}\p{Number}._-]+/gu, '-')}-${mark}`);
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
        title: vscode.l10n.t('Choose Where Sessions Are Kept'),
        placeHolder: (await canKeepSessions(storageParent(folder)))
          ? vscode.l10n.t('Where should the sessions of {0} be kept? Images stay where they are.', folder.name)
          : vscode.l10n.t('"{0}" is read-only. Choose another place.', folder.name),
      },
    );
    if (chosen === undefined) throw new Dismissed();
    const parent = chosen.place ?? (await browse());
    if (parent === undefined) continue;
    if (await canKeepSessions(parent)) return parent;
    void showWarning(vscode.l10n.t('The folder {0} cannot be written either.', parent));
  }
}

async function canKeepSessions(parent: string): Promise<boolean> {
  const { canStore } = await import('../../adapters/storage/canStore.ts');
  return canStore(storageOf(parent));
}

async function browse(): Promise<string | undefined> {
  const [place] =
    (await vscode.window.showOpenDialog({
      canSelectFiles: false,
      canSelectFolders: true,
      openLabel: vscode.l10n.t('Use This'),
    })) ?? [];
  return place?.fsPath;
}

/** All or nothing: half a history would look like a whole one. */
async function carry(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  try {
    // The database last: it makes the folder one with sessions.
    for (const name of carried.toReversed()) {
      const source = join(from, name);
      if (existsSync(source)) await cp(source, join(to, name), { recursive: true });
    }
    // What was copied from a read-only folder may be read-only itself.
    const { entriesBelow } = await import('../../adapters/storage/entriesBelow.ts');
    for await (const { path, entry } of entriesBelow(to)) {
      if (!entry.isSymbolicLink()) await chmod(path, entry.isDirectory() ? 0o700 : 0o600);
    }
  } catch (error) {
    for (const name of carried) await rm(join(to, name), { recursive: true, force: true });
    throw error;
  }
}
