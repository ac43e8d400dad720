import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import Database from 'better-sqlite3';

/**
 * Opens an existing database to read alone, which is refused every write. A write-ahead log needs a file of shared memory
 * beside it, which a read-only medium cannot hold: then a private copy is read, which is gone when it is closed.
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

/** The error of SQLite if it cannot create or write what readers share. */
function isRefusedMemory(error: unknown): boolean {
  return (
    error instanceof Database.SqliteError && /^SQLITE_(?:CANTOPEN|READONLY_(?:CANTINIT|DIRECTORY))/.test(error.code)
  );
}

/** Null if the file itself cannot be read. */
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
    // An open file outlives its name, but on Windows.
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
