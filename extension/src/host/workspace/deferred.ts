import { existsSync } from 'node:fs';
import { chmod, cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { canStore } from '../../adapters/storage/canStore.ts';
import { entriesBelow } from '../../adapters/storage/entriesBelow.ts';
import { storageFolderIn } from '../paths.ts';

// What this folder needs after activation: the database, schemas and use cases. Loaded with `import()` when first used.
export { openWorkspace, findUntrustedFolder } from '../../composition/workspace.ts';
export { countNewImages } from '../../workflow/dataset/datasets.ts';
export { updateStorageMarker } from './storageMarker.ts';

/** Model files are not copied: the database refers to them where they are. */
const copiedEntries = ['sessions.db', 'sessions.db-wal', 'labels', 'backups'];

/** Whether `.active-learning` in this folder is or can be made writable. */
export async function canStoreSessions(parent: string): Promise<boolean> {
  return canStore(storageFolderIn(parent));
}

/** Copies the sessions of one `.active-learning` folder to another, or nothing: a partial history looks complete. */
export async function copySessions(from: string, to: string): Promise<void> {
  await mkdir(to, { recursive: true, mode: 0o700 });
  try {
    // The database last: it marks the folder as one with sessions.
    for (const name of copiedEntries.toReversed()) {
      const source = join(from, name);
      if (existsSync(source)) await cp(source, join(to, name), { recursive: true });
    }
    // Copies of read-only files are read-only.
    for await (const { path, entry } of entriesBelow(to)) {
      if (!entry.isSymbolicLink()) await chmod(path, entry.isDirectory() ? 0o700 : 0o600);
    }
  } catch (error) {
    for (const name of copiedEntries) await rm(join(to, name), { recursive: true, force: true });
    throw error;
  }
}
