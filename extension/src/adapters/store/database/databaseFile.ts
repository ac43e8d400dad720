import { lstatSync } from 'node:fs';
import path from 'node:path';
import { refuseLinks } from '../../platform/privateFiles.ts';
import { StorageError } from '../../platform/storageError.ts';
import { StoreError } from '../storeError.ts';

/**
 * Inspects a database and the files that SQLite keeps beside it before anything opens them: a link leads to another file, and SQLite
 * waits for ever at a named pipe. What is not there is fine.
 * @throws StorageError `storage-link`; StoreError `cannot-open` if something other than a file stands in the place of one.
 */
export function requireFile(databasePath: string): void {
  for (const ending of ['', '-wal', '-shm', '-journal']) {
    const file = databasePath + ending;
    let facts;
    try {
      refuseLinks(path.dirname(databasePath), file);
      facts = lstatSync(file, { throwIfNoEntry: false });
    } catch (error) {
      // A file that cannot be inspected is reported when it is opened.
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
