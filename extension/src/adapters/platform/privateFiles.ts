import { chmodSync, constants, lstatSync, readdirSync, type Stats } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { StorageError } from './storageError.ts';

/** Copies of a private dataset must be private to the user. On Windows, permissions are inherited from the parent folder. */
export const privateFolder = 0o700;
export const privateFile = 0o600;

/**
 * Call this before every write to the folder `.active-learning`: an untrusted folder may contain a link in place of a
 * file, so that the write would overwrite another file of the user.
 * @param storage the folder `.active-learning`; may be a link itself, which the user has confirmed.
 * @param path a path below it; neither the path nor a folder on the way may be a link. Parts of it may be missing.
 * @throws StorageError `storage-link`
 */
export function refuseLinks(storage: string, path: string): void {
  const root = resolve(storage);
  let at = root;
  for (const part of relative(root, resolve(path)).split(sep)) {
    if (part === '' || part === '..') return;
    at = join(at, part);
    const facts = factsOf(at);
    if (facts === null) return;
    if (facts.isSymbolicLink()) throw linkError(at);
  }
}

/** Creates a private folder below `.active-learning` and rejects links on the way. @throws StorageError `storage-link` */
export async function makePrivateFolder(storage: string, folder: string): Promise<void> {
  refuseLinks(storage, folder);
  await mkdir(folder, { recursive: true, mode: privateFolder });
}

/**
 * Opens a file below `.active-learning` for writing. A new file is private; a link is rejected.
 * @throws StorageError `storage-link`
 */
export async function openPrivate(storage: string, path: string, flags: 'a' | 'w' | 'wx'): Promise<FileHandle> {
  refuseLinks(storage, path);
  return open(path, writingFlags(flags), privateFile);
}

/** Flags that do not follow a link as the last component. Windows has no such flag and relies on `refuseLinks`. */
function writingFlags(flags: 'a' | 'w' | 'wx'): number {
  const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_TRUNC, O_WRONLY } = constants;
  const mode = { a: O_APPEND, w: O_TRUNC, wx: O_EXCL }[flags];
  return O_WRONLY | O_CREAT | O_NOFOLLOW | mode;
}

/**
 * Makes a folder and its contents private if an older version left the folder accessible to others. Skips links, and
 * files with further hard links, because those belong to the dataset.
 */
export function tighten(storage: string): void {
  if (process.platform === 'win32') return;
  const facts = factsOf(storage);
  if (facts === null || !facts.isDirectory() || (facts.mode & 0o077) === 0) return;
  // Change the top folder last, so that an interrupted run is repeated.
  tightenEntries(storage);
  makePrivate(storage, privateFolder);
}

function tightenEntries(folder: string): void {
  for (const name of readdirSync(folder)) {
    const path = join(folder, name);
    const facts = factsOf(path);
    if (facts === null || facts.isSymbolicLink()) continue;
    if (facts.isDirectory()) tightenEntries(path);
    else if (!facts.isFile() || facts.nlink > 1) continue;
    const mode = facts.isDirectory() ? privateFolder : privateFile;
    if ((facts.mode & 0o077) !== 0) makePrivate(path, mode);
  }
}

/** Ignores files of other users and drives without modes. */
function makePrivate(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch {
    // Ignore: the permissions stay as they were.
  }
}

function factsOf(path: string): Stats | null {
  return lstatSync(path, { throwIfNoEntry: false }) ?? null;
}

function linkError(path: string): StorageError {
  return new StorageError(
    'storage-link',
    `${path} is a link: nothing is written through it.`,
    `Remove the link, or move what it leads to into ${dirname(path)}. A whole folder for sessions elsewhere is a setting (activeLearning.storage.folder).`,
    { where: path },
  );
}
