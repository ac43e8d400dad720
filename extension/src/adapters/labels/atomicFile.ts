import { flushDurably, NotFlushedError, removeDurably, writeAtomic } from '../platform/atomicWrite.ts';
import { isMissing } from '../platform/fileErrors.ts';
import { nodeLabelFs, toFlushError, toLabelWriteError, type LabelFs } from './labelFs.ts';
import { refuseDeadLink } from './plainFile.ts';

/**
 * Replaces a label file atomically (see `writeAtomic`). Replaces the target of a symbolic link, not the link; rejects a
 * dead link (`unreadable`).
 * @throws LabelError `disk-full`, `read-only`, `write-failed`: the old file is unchanged. `not-flushed`: the new file is
 * in place, but a power failure could restore the old one.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array, fs: LabelFs = nodeLabelFs): Promise<void> {
  await inWords(path, async () => writeAtomic(await followLink(path, fs), bytes, { fs }));
}

/**
 * Removes a label file durably. A missing file is not an error.
 * @throws LabelError `read-only`, `write-failed`; `not-flushed`: the file is removed, but a power failure could restore it.
 */
export async function removeFile(path: string, fs: LabelFs = nodeLabelFs): Promise<void> {
  await inWords(path, () => removeDurably(path, fs));
}

/**
 * Makes the current state of a path durable after `not-flushed`, so that it need not be written again.
 * @throws LabelError `not-flushed`.
 */
export async function flushFile(path: string, fs: LabelFs = nodeLabelFs): Promise<void> {
  try {
    await flushDurably(await followLink(path, fs), fs);
  } catch (error) {
    throw toFlushError(error, path);
  }
}

async function inWords(path: string, work: () => Promise<void>): Promise<void> {
  try {
    await work();
  } catch (error) {
    throw error instanceof NotFlushedError ? toFlushError(error, path) : toLabelWriteError(error, path);
  }
}

async function followLink(path: string, fs: LabelFs): Promise<string> {
  try {
    return await fs.realpath(path);
  } catch (error) {
    if (!isMissing(error)) throw error;
    // Keep a dead link: its target may not be fetched, or its drive not mounted.
    await refuseDeadLink(path);
    return path;
  }
}
