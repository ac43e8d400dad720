import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { decodeRgbBytes, readImageFile } from '../files/images/decodeImage.ts';
import { isPlainJpeg } from '../files/images/jpegHeader.ts';
import { watchParent } from '../platform/parentWatch.ts';
import { temporaryName } from '../platform/temporaryFiles.ts';
import { trimFolder } from './trimFolder.ts';
import type { FromThumbnailWorker, ToThumbnailWorker } from './thumbnailWire.ts';

/*
 * The entry point of the process that makes thumbnails, one after the other. It ends when it is not needed, which frees
 * the memory of the decoder.
 */

/** Longest side in pixels: sharp enough for the largest cells of a grid. */
const side = 256;

/** The picture upright. A JPEG is decoded at a fraction of its size, which saves most of the time for large photos. */
async function open(source: string): Promise<Sharp> {
  const bytes = await readImageFile(source);
  if (isPlainJpeg(bytes)) return sharp(bytes, { ignoreIcc: true }).autoOrient();
  const { data, width, height } = await decodeRgbBytes(bytes, source);
  return sharp(data, { raw: { width, height, channels: 3 } });
}

async function make(source: string, target: string): Promise<void> {
  const picture = await open(source);
  const bytes = await picture
    .resize(side, side, { fit: 'inside', withoutEnlargement: true })
    .webp({ quality: 70 })
    .toBuffer();
  await mkdir(dirname(target), { recursive: true });
  // Without a flush to disk: a lost thumbnail is made again.
  const temporary = join(dirname(target), temporaryName());
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function answer(message: FromThumbnailWorker): void {
  process.send?.(message, undefined, undefined, () => undefined);
}

// Thumbnails of a private dataset are private.
process.umask(0o077);
sharp.concurrency(1);
// Cached data of one image is useless for the next.
sharp.cache(false);
process.on('message', (value) => {
  const message = value as ToThumbnailWorker;
  const work =
    message.kind === 'make' ? make(message.source, message.target) : trimFolder(message.folder, message.mostBytes);
  work.then(
    () => answer({ error: null }),
    (error: unknown) => answer({ error: error instanceof Error ? error.message : String(error) }),
  );
});
// Ctrl-C in a terminal reaches the whole process group; the parent decides when this process exits.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
watchParent(process.ppid);
