import type { Dirent } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';

/** All entries below a folder, each folder before its contents. Returns links but does not follow them, unlike Node's recursive listing. */
export async function* entriesBelow(folder: string): AsyncGenerator<{ readonly path: string; readonly entry: Dirent }> {
  for (const entry of await readdir(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    yield { path, entry };
    if (entry.isDirectory()) yield* entriesBelow(path);
  }
}
