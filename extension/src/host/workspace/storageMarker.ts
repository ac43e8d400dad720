import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makePrivateFolder, privateFile, refuseLinks } from '../../adapters/platform/privateFiles.ts';
import { storageFolderIn } from '../paths.ts';

/**
 * A file in a workspace folder whose sessions are stored elsewhere. VS Code activates the extension by a file in the
 * workspace and does not know the setting: without the marker, an interrupted training would only resume once the user
 * opens the sidebar.
 */
export const markerName = 'stored-elsewhere.txt';

/**
 * Writes the marker with the current location, or deletes the one of an earlier setting.
 * @param folder the workspace folder.
 * @param parent the folder that contains the `.active-learning` in use.
 * @throws Error of the file system if the folder is not writable. StorageError `storage-link`
 */
export async function updateStorageMarker(folder: string, parent: string): Promise<void> {
  const storage = storageFolderIn(folder);
  const marker = join(storage, markerName);
  if (resolve(folder) === resolve(parent)) {
    if (existsSync(marker)) await rm(marker);
    return;
  }
  const text = `The setting activeLearning.storage.folder stores the sessions of this folder in ${storageFolderIn(parent)}.\n`;
  if (existsSync(marker) && (await readFile(marker, 'utf8')) === text) return;
  await makePrivateFolder(folder, storage);
  refuseLinks(storage, marker);
  const ignore = join(storage, '.gitignore');
  if (!existsSync(ignore)) await writeFile(ignore, '*\n', { flag: 'wx', mode: privateFile });
  await writeFile(marker, text, { mode: privateFile });
}
