import { accessSync, constants, existsSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { StoreError } from '../storeError.ts';
import type { StoreErrorCode } from '../storeError.ts';

interface Failure {
  readonly code: StoreErrorCode;
  readonly message: string;
}

/** In order: the first matching prefix of SQLite's extended code applies. */
const failures: readonly (readonly [prefix: string, failure: Failure])[] = [
  ['SQLITE_BUSY', { code: 'database-locked', message: 'Another program holds the session database' }],
  ['SQLITE_LOCKED', { code: 'database-locked', message: 'Another program holds the session database' }],
  ['SQLITE_PROTOCOL', { code: 'database-locked', message: 'Another program holds the session database' }],
  ['SQLITE_FULL', { code: 'disk-full', message: 'The disk of the session database is full' }],
  ['SQLITE_READONLY', { code: 'read-only', message: 'The session database cannot be written' }],
  ['SQLITE_PERM', { code: 'read-only', message: 'The session database cannot be written' }],
  ['SQLITE_NOTADB', { code: 'not-a-database', message: 'The file is not a SQLite database' }],
  ['SQLITE_CORRUPT', { code: 'not-a-database', message: 'The session database is damaged' }],
  ['SQLITE_CANTOPEN', { code: 'cannot-open', message: 'The session database cannot be opened' }],
  ['SQLITE_IOERR', { code: 'io-error', message: 'The session database could not be read or written' }],
  ['SQLITE_CONSTRAINT_FOREIGNKEY', { code: 'not-found', message: 'The change names a row that is not there' }],
  ['SQLITE_CONSTRAINT', { code: 'invalid-value', message: 'The database refused a value' }],
];

const fileSystemFailures: Readonly<Record<string, Failure>> = {
  EACCES: { code: 'read-only', message: 'The folder of the session database cannot be written' },
  EPERM: { code: 'read-only', message: 'The folder of the session database cannot be written' },
  EROFS: { code: 'read-only', message: 'The folder of the session database is read-only' },
  ENOSPC: { code: 'disk-full', message: 'The disk of the session database is full' },
  EDQUOT: { code: 'disk-full', message: 'Your quota on the disk of the session database is used up' },
};

/** Whether the path is writable, or a file can be created there. Checks only permissions. */
function isWritable(databasePath: string): boolean {
  const folder = path.dirname(databasePath);
  try {
    accessSync(folder, constants.W_OK);
    if (existsSync(databasePath)) accessSync(databasePath, constants.W_OK);
    return true;
  } catch {
    return !existsSync(folder);
  }
}

/**
 * Converts an error of SQLite or the file system to a `StoreError`. Returns all other errors unchanged, so that a bug of
 * ours keeps its stack.
 */
export function toStoreError(error: unknown, databasePath: string): unknown {
  if (error instanceof StoreError) return error;
  if (error instanceof Database.SqliteError) {
    const failure = failures.find(([prefix]) => error.code.startsWith(prefix))?.[1];
    if (failure === undefined) {
      return new StoreError('unexpected', `SQLite: ${error.message} (${error.code})`, {
        where: databasePath,
        cause: error,
      });
    }
    // Without write permission for the folder SQLite reports CANTOPEN, because it cannot create its journal.
    const unwritable = failure.code === 'cannot-open' && !isWritable(databasePath);
    return new StoreError(
      unwritable ? 'read-only' : failure.code,
      `${failure.message}: ${databasePath} (${error.message})`,
      { where: databasePath, cause: error },
    );
  }
  if (error instanceof Error && 'code' in error && typeof error.code === 'string' && 'syscall' in error) {
    const failure = fileSystemFailures[error.code];
    return new StoreError(
      failure?.code ?? 'cannot-open',
      `${failure?.message ?? 'The session database cannot be opened'}: ${databasePath} (${error.code})`,
      { where: databasePath, cause: error },
    );
  }
  return error;
}
