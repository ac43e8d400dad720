import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** Everything below a folder, each folder before what is in it. Links are given and not followed, as Node's own listing would. */
export async function* entriesBelow(folder: string): AsyncGenerator<{ readonly path: string; readonly entry: Dirent }> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    yield { path, entry };
    if (entry.isDirectory()) yield* entriesBelow(path);
  }
}
