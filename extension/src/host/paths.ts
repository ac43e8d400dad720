import { isAbsolute, join, relative } from 'node:path';

/** Whether a path is below a folder; the folder itself is not. */
export function isInside(folder: string, path: string): boolean {
  const way = relative(folder, path);
  return way !== '' && way !== '..' && !/^\.\.[\\/]/.test(way) && !isAbsolute(way);
}

/** The folder with the sessions, runs and models, in the folder that `storageParent` returns. */
export function storageFolderIn(parent: string): string {
  return join(parent, '.active-learning');
}

/** The database file; it exists if the folder has sessions. */
export function databaseIn(parent: string): string {
  return join(storageFolderIn(parent), 'sessions.db');
}
