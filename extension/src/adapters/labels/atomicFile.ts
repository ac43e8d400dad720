import { flushDurably, NotFlushedError, removeDurably, writeAtomic } from '../platform/atomicWrite.ts';
import { isMissing } from '../platform/fileErrors.ts';
import { nodeLabelFs, toFlushError, toLabelWriteError, type LabelFs } from './labelFs.ts';
import { refuseDeadLink } from './plainFile.ts';

/**
 * Replaces a label file as a whole (see `writeAtomic`). A symbolic link stays one, and the file that it names is replaced;
 * a link to nothing is refused (`unreadable`).
 * @throws LabelError `disk-full`, `read-only`, `write-failed`: the old file is unchanged. `not-flushed`: the new one is
 * there, and only a power cut could bring the old one back.
 */
export async function writeFileAtomic(path: string, bytes: Uint8Array, fs: LabelFs = nodeLabelFs): Promise<void> {
  await inWords(path, async () => writeAtomic(await followLink(path, fs), bytes, { fs }));
}

/**
 * Removes a label file durably. A missing file is not an error.
 * @throws LabelError `read-only`, `write-failed`; `not-flushed` if it is removed, but may come back after a power cut.
 */
export async function removeFile(path: string, fs: LabelFs = nodeLabelFs): Promise<void> {
  await inWords(path, () => removeDurably(path, fs));
}

/**
 * Makes durable what is at this path, or that nothing is there: after `not-flushed` it need not be written again.
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
    // A link to nothing stays: its target was not fetched, or its drive is not mounted.
    await refuseDeadLink(path);
    return path;
  }
}
