import { chmodSync, constants, lstatSync, readdirSync, type Stats } from 'node:fs';
import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { dirname, join, relative, resolve, sep } from 'node:path';
import { StorageError } from './storageError.ts';

/** Images and labels of a private dataset are private to the user. On Windows the permissions of the folder above them apply. */
export const privateFolder = 0o700;
export const privateFile = 0o600;

/**
 * Every writer into the folder `.active-learning` calls this first: a folder from someone else may hold a link in the
 * place of a file, so that a write would overwrite another file of the user.
 * @param storage the folder `.active-learning`; it may be a link itself, which the user was asked about.
 * @param path below it; neither it nor a folder on the way may be a link. What is not there yet is fine.
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

/** Makes a folder below `.active-learning`, private, and refuses links on the way. @throws StorageError `storage-link` */
export async function makePrivateFolder(storage: string, folder: string): Promise<void> {
  refuseLinks(storage, folder);
  await mkdir(folder, { recursive: true, mode: privateFolder });
}

/**
 * Opens a file below `.active-learning` to write: a new one is private, and a link is refused.
 * @throws StorageError `storage-link`
 */
export async function openPrivate(storage: string, path: string, flags: 'a' | 'w' | 'wx'): Promise<FileHandle> {
  refuseLinks(storage, path);
  return open(path, writingFlags(flags), privateFile);
}

/** Flags that never follow a link in the last place. Windows has none; there `refuseLinks` has to do. */
function writingFlags(flags: 'a' | 'w' | 'wx'): number {
  const { O_APPEND, O_CREAT, O_EXCL, O_NOFOLLOW = 0, O_TRUNC, O_WRONLY } = constants;
  const mode = { a: O_APPEND, w: O_TRUNC, wx: O_EXCL }[flags];
  return O_WRONLY | O_CREAT | O_NOFOLLOW | mode;
}

/**
 * Takes from others what an older version left open to them: the folder with everything in it, if it is open itself.
 * Links stay as they are, and so do files with a second name: they are the dataset's own.
 */
export function tighten(storage: string): void {
  if (process.platform === 'win32') return;
  const facts = factsOf(storage);
  if (facts === null || !facts.isDirectory() || (facts.mode & 0o077) === 0) return;
  // From the inside out: one that is cut short is begun again.
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

/** What belongs to another user, or lies on a drive without modes, stays as it is. */
function makePrivate(path: string, mode: number): void {
  try {
    chmodSync(path, mode);
  } catch {
    // Nothing can be done about it, and nothing is lost.
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
