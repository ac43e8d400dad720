import { lstatSync } from 'node:fs';
import path from 'node:path';
import { refuseLinks } from '../../platform/privateFiles.ts';
import { StorageError } from '../../platform/storageError.ts';
import { StoreError } from '../storeError.ts';

/**
 * Requires that a database and SQLite's files next to it are regular files or missing, before anything opens them: a
 * link would lead to another file, and a named pipe would block SQLite.
 * @throws StorageError `storage-link`; StoreError `cannot-open` for anything else that is not a file.
 */
export function requireFile(databasePath: string): void {
  for (const ending of ['', '-wal', '-shm', '-journal']) {
    const file = databasePath + ending;
    let facts;
    try {
      refuseLinks(path.dirname(databasePath), file);
      facts = lstatSync(file, { throwIfNoEntry: false });
    } catch (error) {
      // Opening the file reports why it cannot be inspected.
      if (error instanceof StorageError) throw error;
      return;
    }
    if (facts === undefined || facts.isFile()) continue;
    throw new StoreError(
      'cannot-open',
      `The session database cannot be opened, for it is a folder, pipe or device: ${file}`,
      { where: file },
    );
  }
}
