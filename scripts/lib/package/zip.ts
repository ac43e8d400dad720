import { createWriteStream, mkdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { openPromise } from 'yauzl';

/** One file of a zip archive. Sizes in bytes. */
export interface ZipEntry {
  readonly name: string;
  readonly compressed: number;
  readonly size: number;
}

/** The files in a zip archive, such as a VSIX. */
export async function readZip(path: string): Promise<readonly ZipEntry[]> {
  const entries: ZipEntry[] = [];
  const archive = await openPromise(path, { lazyEntries: true });
  for await (const { fileName, compressedSize, uncompressedSize } of archive.eachEntry()) {
    if (!fileName.endsWith('/')) entries.push({ name: fileName, compressed: compressedSize, size: uncompressedSize });
  }
  return entries;
}

/**
 * Unpacks a zip archive into a folder.
 * @throws Error if a file would lie outside the folder.
 */
export async function unzip(path: string, folder: string): Promise<void> {
  const archive = await openPromise(path, { lazyEntries: true });
  for await (const entry of archive.eachEntry()) {
    if (entry.fileName.endsWith('/')) continue;
    const target = join(folder, entry.fileName);
    mkdirSync(dirname(target), { recursive: true });
    await pipeline(await archive.openReadStreamPromise(entry), createWriteStream(target));
  }
}
