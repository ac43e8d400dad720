import { readdirSync } from 'node:fs';
import { lstat, readdir, realpath } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { StoragePlace } from '../../workflow/ports/userRecord.ts';
import { StorageError } from '../platform/storageError.ts';

/** Files that may be in a folder that has never contained a session. */
const harmless = new Set(['.gitignore', 'stored-elsewhere.txt']);

/** Whether a folder contains no session data, except for a database that is being created. */
export function isNew(folder: string): boolean {
  return readdirSync(folder).every((name) => harmless.has(name) || name.startsWith('sessions.db'));
}

/** The contents at the path of a folder `.active-learning`. */
export interface FoundStorage extends StoragePlace {
  /** `nothing`: also a folder that has never contained a session; it can be used without a prompt. */
  readonly holds: 'nothing' | 'files' | 'database';
}

/**
 * Inspects the path of a folder `.active-learning` without changing it.
 * @throws StorageError `storage-not-a-folder`
 */
export async function findStorage(folder: string): Promise<FoundStorage> {
  const parent = await realpath(dirname(folder)).catch(() => dirname(folder));
  const path = join(parent, basename(folder));
  const target = await realpath(path).catch(() => path);
  const facts = await lstat(target).catch(() => null);
  if (facts === null) {
    // A dead link is also a deliberate choice of a place.
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
  // A link is a place that the workspace chose, even if it is empty.
  const isMade = names.some((name) => !harmless.has(name)) || path !== target;
  return { path, target, holds: isMade ? 'files' : 'nothing' };
}
