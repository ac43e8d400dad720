import { dirname, join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { errorCode } from '../../core/systemErrors.ts';
import { isMissing, nodeLabelFs, toFlushError, toWriteError, type LabelFs } from './labelFs.ts';
import { temporaryName } from '../platform/temporaryFiles.ts';
import { refuseDeadLink } from './plainFile.ts';

/**
 * Replaces a file as a whole: a temporary file in the same folder, fsync, rename, fsync of the folder. A reader sees
 * the old content or the new, also after a crash. Mode and, where allowed, owner of the old file are kept; a symbolic
 * link stays one, and the file that it names is replaced; one to nothing is refused (`unreadable`). Folders are made as needed.
 * @throws LabelError `disk-full`, `read-only`, `write-failed`; then the old file is whole and no temporary file is left.
 * `not-flushed`; then the new one is there, and only a power cut could bring the old one back.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array, fs: LabelFs = nodeLabelFs): Promise<void> {
  const folder = await replace(path, bytes, fs).catch((error: unknown) => {
    throw toWriteError(error, path);
  });
  await sync(folder, fs).catch((error: unknown) => {
    throw toFlushError(error, path);
  });
}

/**
 * Removes a file durably; one that is not there is fine.
 * @throws LabelError `read-only`, `write-failed`; `not-flushed` when it is removed, but might come back after a power cut.
 */
export async function removeFile(path: string, fs: LabelFs = nodeLabelFs): Promise<void> {
  await fs.unlink(path).catch((error: unknown) => {
    if (!isMissing(error)) throw toWriteError(error, path);
  });
  await sync(dirname(path), fs).catch((error: unknown) => {
    throw toFlushError(error, path);
  });
}

/**
 * Makes durable what is at this path, be it nothing: after `not-flushed` it need not be written again.
 * @throws LabelError `not-flushed`.
 */
export async function flushFile(path: string, fs: LabelFs = nodeLabelFs): Promise<void> {
  try {
    const target = await followLink(path, fs);
    await sync(target, fs);
    await sync(dirname(target), fs);
  } catch (error) {
    throw toFlushError(error, path);
  }
}

/** @returns the folder of the file that was replaced, whose entry is not durable yet. */
async function replace(path: string, bytes: Uint8Array, fs: LabelFs): Promise<string> {
  const target = await followLink(path, fs);
  const folder = dirname(target);
  await makeFolder(folder, fs);
  const temporary = join(folder, temporaryName());
  let written = false;
  try {
    await writeTemporary(temporary, target, bytes, fs);
    written = true;
    await renameOver(temporary, target, fs);
  } catch (error) {
    const gone = await fs.unlink(temporary).then(() => false, isMissing);
    // A rename that failed and yet took place: network drives lose the answer, not the order.
    throw written && gone ? toFlushError(error, path) : error;
  }
  return folder;
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
  for (let made = folder; made.length >= first.length; made = dirname(made)) await sync(dirname(made), fs);
}

/** Makes a file or a folder's entries durable. Windows and some network drives cannot; there the rename has to do. */
async function sync(path: string, fs: LabelFs): Promise<void> {
  try {
    const handle = await fs.open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (['ENOSPC', 'EIO', 'EDQUOT'].includes(errorCode(error))) throw error;
  }
}
