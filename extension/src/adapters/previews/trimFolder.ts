import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { sweepFolder } from '../platform/temporaryFiles.ts';

/** So much of the limit stays: to delete a few files at each call would list the folder each time. */
const kept = 0.9;

/** Deletes the files of a folder's subfolders that were used longest ago, if all together are larger than `mostBytes`. */
export async function trimFolder(folder: string, mostBytes: number): Promise<void> {
  const files: { readonly path: string; readonly bytes: number; readonly usedAt: number }[] = [];
  for (const shard of await entriesOf(folder)) {
    await sweepFolder(join(folder, shard));
    for (const name of await entriesOf(join(folder, shard))) {
      const path = join(folder, shard, name);
      const facts = await stat(path).catch(() => null);
      if (facts?.isFile() === true) files.push({ path, bytes: facts.size, usedAt: facts.mtimeMs });
    }
  }
  let total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (total <= mostBytes) return;
  for (const { path, bytes } of files.toSorted((a, b) => a.usedAt - b.usedAt)) {
    if (total <= kept * mostBytes) return;
    await rm(path, { force: true });
    total -= bytes;
  }
}

async function entriesOf(folder: string): Promise<string[]> {
  return readdir(folder).catch(() => []);
}
