import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { errorCode, isMissing, nodeLabelFs, temporaryName, toWriteError, type LabelFs } from './labelFs.ts';
import { refuseDeadLink } from './plainFile.ts';

/**
 * Replaces a file as a whole: a temporary file in the same folder, fsync, rename, fsync of the folder. A reader sees
 * the old content or the new, also after a crash. Mode and, where allowed, owner of the old file are kept; a symbolic
 * link stays one, and the file that it names is replaced; one to nothing is refused (`unreadable`). Folders are made as needed.
 * @throws LabelError `disk-full`, `read-only`, `write-failed`; then the old file is whole and no temporary file is left.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array, fs: LabelFs = nodeLabelFs): Promise<void> {
  try {
    const target = await followLink(path, fs);
    const folder = dirname(target);
    await makeFolder(folder, fs);
    const temporary = join(folder, temporaryName());
    try {
      await writeTemporary(temporary, target, bytes, fs);
      await renameOver(temporary, target, fs);
    } catch (error) {
      await fs.unlink(temporary).catch(() => {});
      throw error;
    }
    await syncFolder(folder, fs);
  } catch (error) {
    throw toWriteError(error, path);
  }
}

/**
 * Removes a file durably; one that is not there is fine.
 * @throws LabelError `read-only`, `write-failed`.
 */
export async function removeFile(path: string, fs: LabelFs = nodeLabelFs): Promise<void> {
  try {
    await fs.unlink(path);
    await syncFolder(dirname(path), fs);
  } catch (error) {
    if (!isMissing(error)) throw toWriteError(error, path);
  }
}

async function followLink(path: string, fs: LabelFs): Promise<string> {
  try {
    return await fs.realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    // A link to nothing stays: what it leads to was not fetched, or its drive is away.
    await refuseDeadLink(path);
    return path;
  }
}

async function writeTemporary(temporary: string, target: string, bytes: Uint8Array, fs: LabelFs): Promise<void> {
  const old = await fs.stat(target).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  const file = await fs.open(temporary, 'wx');
  try {
    await file.writeFile(bytes);
    if (old) {
      // Only root may give a file to its old owner; where that fails the content still counts.
      await file.chown(old.uid, old.gid).catch(() => {});
      await file.chmod(old.mode & 0o7777);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

const busyCodes = new Set(['EBUSY', 'EPERM', 'EACCES']);
const renameDelays = [10, 40, 160];

/** On Windows a virus scanner or an indexer may hold the file for a moment. */
async function renameOver(from: string, to: string, fs: LabelFs): Promise<void> {
  for (const delay of process.platform === 'win32' ? renameDelays : []) {
    try {
      await fs.rename(from, to);
      return;
    } catch (error) {
      if (!busyCodes.has(errorCode(error))) throw error;
      await setTimeout(delay);
    }
  }
  await fs.rename(from, to);
}

async function makeFolder(folder: string, fs: LabelFs): Promise<void> {
  const first = await fs.mkdir(folder, { recursive: true });
  if (first === undefined) return;
  // Each new folder is an entry of its parent, which must be on disk as well.
  for (let made = folder; made.length >= first.length; made = dirname(made)) await syncFolder(dirname(made), fs);
}

/** Makes a rename durable. Windows and some network drives cannot sync a folder; there the rename has to do. */
async function syncFolder(folder: string, fs: LabelFs): Promise<void> {
  try {
    const handle = await fs.open(folder, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (['ENOSPC', 'EIO', 'EDQUOT'].includes(errorCode(error))) throw error;
  }
}
