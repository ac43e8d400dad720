import { createKeyedQueue } from '../../core/concurrency.ts';
import { sameBytes } from '../../core/dataset/labelText.ts';
import type { ImageLocation, LabelContent, LabelSource } from '../../workflow/ports/labelSource.ts';
import { flushFile, removeFile, writeFileAtomic } from './atomicFile.ts';
import { createBackups } from './backups.ts';
import { requireExpected } from './expected.ts';
import { errorCode } from '../../core/systemErrors.ts';
import { nodeLabelFs, toReadError, type LabelFs } from './labelFs.ts';
import { hashOf, toLabelContent } from './labelText.ts';
import { ownLabelPath } from './locate.ts';
import { mostLabelBytes, refuseDeadLink } from './plainFile.ts';
import { sweepBeside } from './sweep.ts';

export interface FileLabelsOptions {
  /** Folder for copies of label files before their first change. */
  readonly backupFolder: string;
  readonly fs?: LabelFs;
}

/** Labels in the dataset's own `.txt` files. Writes to one file run sequentially. */
export function createFileLabels({ backupFolder, fs = nodeLabelFs }: FileLabelsOptions): LabelSource {
  const backups = createBackups(backupFolder, fs);
  const inTurn = createKeyedQueue();
  return {
    locate: ownLabelPath,
    read: async (image) => readLabelFile(ownLabelPath(image), fs),
    write(image: ImageLocation, next: Uint8Array | null, expectedHash?: string | null) {
      const path = ownLabelPath(image);
      return inTurn(path, async () => {
        const bytes = await readBytes(path, fs);
        requireExpected(path, bytes === null ? null : hashOf(bytes), expectedHash);
        if (sameBytes(bytes, next)) await flushFile(path, fs);
        else {
          await backups.keep(path, bytes);
          await (next === null ? removeFile(path, fs) : writeFileAtomic(path, next, fs));
        }
        return next === null ? null : hashOf(next);
      });
    },
    async tidy(image) {
      await sweepBeside(ownLabelPath(image));
      await backups.tidy(ownLabelPath(image));
    },
    // Label files are next to the images and move with them.
    moveRoot: () => Promise.resolve(),
  };
}

/**
 * Reads a label file; `null` if there is none.
 * @throws LabelError `unreadable`.
 */
export async function readLabelFile(path: string, fs: LabelFs = nodeLabelFs): Promise<LabelContent | null> {
  const bytes = await readBytes(path, fs);
  return bytes === null ? null : toLabelContent(bytes);
}

async function readBytes(path: string, fs: LabelFs): Promise<Uint8Array | null> {
  try {
    return await fs.readFile(path, mostLabelBytes);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw toReadError(error, path);
    await refuseDeadLink(path);
    return null;
  }
}
