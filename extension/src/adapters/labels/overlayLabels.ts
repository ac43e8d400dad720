import { existsSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { encodeLabelText, sameBytes } from '../../core/dataset/labelText.ts';
import type { ImageLocation, LabelContent, LabelSource } from '../../workflow/ports/labelSource.ts';
import { nativePath } from '../platform/bytePaths.ts';
import { flushFile, removeFile, writeFileAtomic } from './atomicFile.ts';
import { requireExpected } from './expected.ts';
import { readLabelFile } from './fileLabels.ts';
import { privateFileSystem } from '../platform/fileSystem.ts';
import { nodeLabelFs, type LabelFs } from './labelFs.ts';
import { hashOf } from './labelText.ts';
import { overlayLabelPath, rootKey } from './locate.ts';
import { createKeyedQueue } from '../../core/concurrency.ts';
import { sweepBeside } from './sweep.ts';
import { refuseLinks } from '../platform/privateFiles.ts';

export interface OverlayLabelsOptions {
  /** The labels that apply if the overlay has none; `null` for no labels. Read-only. */
  readonly base: Pick<LabelSource, 'read'> | null;
  readonly overlayFolder: string;
  /** The folder of a root below `overlayFolder`. Default: its name and a hash of its path. */
  readonly keyOf?: (rootPath: string) => string;
  readonly fs?: LabelFs;
}

/**
 * The content of an overlay file that marks a removed label. The mark replaces the label in the same file, so that one
 * rename switches between them.
 */
const removed = encodeLabelText('# removed: the image is unlabelled, whatever the dataset itself says\n');

/** Labels for a read-only dataset: reads the overlay first, then the base. Writes only to the overlay. */
export function createOverlayLabels(options: OverlayLabelsOptions): LabelSource {
  const { base, overlayFolder, keyOf = rootKey } = options;
  const fs = privateFileSystem(options.fs ?? nodeLabelFs);
  const storage = dirname(overlayFolder);
  const inTurn = createKeyedQueue();
  const locate = (image: ImageLocation): string => overlayLabelPath(overlayFolder, keyOf(image.rootPath), image);
  const read = async (image: ImageLocation): Promise<LabelContent | null> => {
    const own = await readLabelFile(locate(image), fs);
    if (own === null) return (await base?.read(image)) ?? null;
    return sameBytes(own.bytes, removed) ? null : own;
  };
  /** `undefined` if the base cannot be read. */
  const baseHash = async (image: ImageLocation): Promise<string | null | undefined> =>
    base?.read(image).then(
      (label) => label?.hash ?? null,
      () => undefined,
    ) ?? null;
  return {
    locate,
    read,
    write(image, bytes, expectedHash) {
      const path = locate(image);
      return inTurn(path, async () => {
        refuseLinks(storage, path);
        const now = expectedHash === undefined ? undefined : await read(image);
        if (now !== undefined) requireExpected(path, now?.hash ?? null, expectedHash);
        const hash = bytes === null ? null : hashOf(bytes);
        if (now !== undefined && sameBytes(now?.bytes ?? null, bytes)) await flushFile(path, fs);
        // Keep no overlay file with the content of the base, so that an undo restores the original state.
        else if (hash === (await baseHash(image))) await removeFile(path, fs);
        else await writeFileAtomic(path, bytes ?? removed, fs);
        return hash;
      });
    },
    tidy: (image) => sweepBeside(locate(image)),
    async moveRoot(from, to) {
      const [old, now] = [join(overlayFolder, keyOf(from)), join(overlayFolder, keyOf(to))];
      if (old !== now && existsSync(nativePath(old)) && !existsSync(nativePath(now)))
        await rename(nativePath(old), nativePath(now));
    },
  };
}
