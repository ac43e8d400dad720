import { readdirSync } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { StoragePlace } from '../../workflow/ports/userRecord.ts';
import { StorageError } from '../platform/storageError.ts';

/** What lies in a folder in which nothing of a session ever was. */
const harmless = new Set(['.gitignore', 'stored-elsewhere.txt']);

/** Whether a folder holds nothing of a session but perhaps a database that is just being made. */
export function isNew(folder: string): boolean {
  return readdirSync(folder).every((name) => harmless.has(name) || name.startsWith('sessions.db'));
}

/** What stands at the place of a folder `.active-learning`. */
export interface FoundStorage extends StoragePlace {
  /** `nothing`: also a folder in which no session ever was; it can be made without asking. */
  readonly holds: 'nothing' | 'files' | 'database';
}

/**
 * Inspects the place of a folder `.active-learning` without changing it.
 * @throws StorageError `storage-not-a-folder`
 */
export async function findStorage(folder: string): Promise<FoundStorage> {
  const parent = await realpath(dirname(folder)).catch(() => dirname(folder));
  const path = join(parent, basename(folder));
  const target = await realpath(path).catch(() => path);
  const facts = await lstat(target).catch(() => null);
  if (facts === null) {
    // A link that leads nowhere is somebody's choice of a place, too.
    const link = await lstat(path).catch(() => null);
    return { path, target, holds: link === null ? 'nothing' : 'files' };
  }
  if (!facts.isDirectory()) {
    throw new StorageError(
      'storage-not-a-folder',
      `${path} is not a folder, so that no sessions can be kept in it.`,
      'Move that file aside, or choose another storage folder in the settings.',
      { where: path },
    );
  }
  const names = await readdir(target);
  if (names.includes('sessions.db')) return { path, target, holds: 'database' };
  // A link leads to a place that the workspace chose, whatever lies there.
  const isMade = names.some((name) => !harmless.has(name)) || path !== target;
  return { path, target, holds: isMade ? 'files' : 'nothing' };
}
