import { statSync } from 'node:fs';
import { StoreError } from './storeError.ts';

/**
 * SQLite waits for ever at a named pipe.
 * @throws StoreError `cannot-open` where something else than a file stands in the place of the database.
 */
export function requireFile(databasePath: string): void {
  let facts;
  try {
    facts = statSync(databasePath, { throwIfNoEntry: false });
  } catch {
    // What cannot be looked at is told when it is opened.
    return;
  }
  if (facts === undefined || facts.isFile()) return;
  throw new StoreError(
    'cannot-open',
    `The session database cannot be opened, for it is a folder, pipe or device: ${databasePath}`,
    { where: databasePath },
  );
}
