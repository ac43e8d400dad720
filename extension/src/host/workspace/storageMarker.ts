import { existsSync } from 'node:fs';
import { readFile, rm, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { makePrivateFolder, privateFile, refuseLinks } from '../../adapters/platform/privateFiles.ts';

/**
 * Lies in a workspace folder whose sessions lie elsewhere. VS Code wakes the extension by a file of the workspace, and
 * knows nothing of the setting: without this one a training would not be taken up before somebody opens the sidebar.
 */
export const markerName = 'stored-elsewhere.txt';

/**
 * Leaves the marker, with the place that counts now, or removes the one that the setting left which named another folder.
 * @param folder of the workspace.
 * @param parent holds the `.active-learning` that is in use.
 * @throws Error of the file system where the folder cannot be written. StorageError `storage-link`
 */
export async function markStorage(folder: string, parent: string): Promise<void> {
  const place = join(folder, '.active-learning');
  const marker = join(place, markerName);
  if (resolve(folder) === resolve(parent)) {
    if (existsSync(marker)) await rm(marker);
    return;
  }
  const text = `The sessions of this folder lie in ${join(parent, '.active-learning')}, as the setting activeLearning.storage.folder says.\n`;
  if (existsSync(marker) && (await readFile(marker, 'utf8')) === text) return;
  await makePrivateFolder(folder, place);
  refuseLinks(place, marker);
  const ignore = join(place, '.gitignore');
  if (!existsSync(ignore)) await writeFile(ignore, '*\n', { flag: 'wx', mode: privateFile });
  await writeFile(marker, text, { mode: privateFile });
}
