import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';

/**
 * Opens an existing database read-only. A write-ahead log needs a shared memory file next to it. On a read-only medium
 * that is impossible, so a private copy is opened, which is removed on close.
 * @throws SqliteError; Error of the file system.
 */
export function openReadable(databasePath: string, timeout: number): Database.Database {
  const database = new Database(databasePath, { readonly: true, fileMustExist: true, timeout });
  try {
    database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get();
    return readingAlone(database);
  } catch (error) {
    database.close();
    const copy = isRefusedMemory(error) ? openCopy(databasePath) : null;
    if (copy === null) throw error;
    return copy;
  }
}

/** Whether SQLite failed because it cannot create or write the shared memory file. */
function isRefusedMemory(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError && /^SQLITE_(?:CANTOPEN|READONLY_(?:CANTINIT|DIRECTORY))/.test(error.code)
  );
}

/** Opens a private copy; null if the file itself is unreadable. */
function openCopy(databasePath: string): Database.Database | null {
  const folder = mkdtempSync(path.join(tmpdir(), 'al-sessions-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const copy = path.join(folder, 'sessions.db');
    for (const suffix of ['', '-wal']) {
      if (existsSync(databasePath + suffix)) copyFileSync(databasePath + suffix, copy + suffix);
    }
    const merging = new Database(copy, { fileMustExist: true });
    try {
      merging.pragma('trusted_schema = OFF');
      merging.pragma('journal_mode = DELETE');
    } finally {
      merging.close();
    }
    const database = new Database(copy, { readonly: true, fileMustExist: true });
    database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get();
    // On Windows, an open file cannot be removed.
    if (process.platform === 'win32') process.once('exit', remove);
    else remove();
    return readingAlone(database);
  } catch (error) {
    remove();
    if (error instanceof Database.SqliteError) throw error;
    return null;
  }
}

function readingAlone(database: Database.Database): Database.Database {
  database.pragma('query_only = ON');
  database.pragma('trusted_schema = OFF');
  return database;
}
