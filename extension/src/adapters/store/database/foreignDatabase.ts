import { existsSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { isNew } from '../../storage/storagePlace.ts';
import { checkIdentity } from './migrate.ts';
import { migrations } from '../migrations/all.ts';
import { openReadable } from './openReadable.ts';
import { requireFile } from './databaseFile.ts';
import { toStoreError } from './sqliteErrors.ts';

/** The contents of a database that the user does not trust yet. Texts are unchanged from the file. */
export interface ForeignDatabase {
  readonly sessions: readonly string[];
  /** Absolute paths of the image folders that its rows name. */
  readonly roots: readonly string[];
  /** Dataset descriptions and pool folders that its rows name. */
  readonly sources: readonly string[];
  /** Names or paths of the initial weights of its sessions. */
  readonly weights: readonly string[];
  /** Whether the database has more rows than were read. */
  readonly isCut: boolean;
}

const mostRows = 100;
const longestText = 4096;

/**
 * Reads the facts that the trust prompt shows. Synchronous: for a thread. Writes nothing and reads a limited number of
 * rows, only from plain tables: a view in place of a table could run forever.
 * @throws StoreError `newer-version`, `not-a-database`, `database-locked`, `cannot-open`, `io-error`.
 */
export function inspectDatabase(databasePath: string): ForeignDatabase {
  requireFile(databasePath);
  return reading(databasePath, (database) => {
    let isCut = false;
    const texts = (table: string, column: string): string[] => {
      if (!hasPlainColumn(database, table, column)) return [];
      const rows = database
        .prepare(`SELECT substr(${column}, 1, ${longestText}) FROM ${table} LIMIT ${mostRows + 1}`)
        .pluck()
        .all();
      isCut ||= rows.length > mostRows;
      return [...new Set(rows.slice(0, mostRows).filter((text) => typeof text === 'string'))];
    };
    checkIdentity(database, databasePath, migrations);
    const found = {
      sessions: texts('training_sessions', 'name'),
      roots: texts('dataset_roots', 'path'),
      sources: texts('datasets', 'source').flatMap(placesOf),
      weights: texts('training_sessions', 'base_model'),
    };
    return { ...found, isCut };
  });
}

/**
 * Whether a database contains the id of a folder. Also true for an empty database, unless its folder contains other
 * files that someone may have planted. Opens it read-only: otherwise SQLite would apply a journal next to it.
 * @throws StoreError as `inspectDatabase`.
 */
export function holdsFolderId(databasePath: string, id: string): boolean {
  if (!existsSync(databasePath) || statSync(databasePath).size === 0) return isNew(dirname(databasePath));
  try {
    return reading(databasePath, (database) => {
      if (database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined) {
        return isNew(dirname(databasePath));
      }
      return (
        hasPlainColumn(database, 'folder_ids', 'id') &&
        database.prepare('SELECT 1 FROM folder_ids WHERE id = ?').get(id) !== undefined
      );
    });
  } catch (error) {
    // A journal must be applied first, so the owner is unknown.
    if (hasCause(error, 'SQLITE_READONLY_ROLLBACK') || hasCause(error, 'SQLITE_READONLY_RECOVERY')) return false;
    throw error;
  }
}

function reading<Result>(databasePath: string, read: (database: Database.Database) => Result): Result {
  let database: Database.Database | undefined;
  try {
    database = openReadable(databasePath, 5000);
    return read(database);
  } catch (error) {
    throw toStoreError(error, databasePath);
  } finally {
    database?.close();
  }
}

/** The paths in a dataset's source. An invalid source yields none; no session opens with it. */
function placesOf(source: string): string[] {
  try {
    const { path, poolFolders } = JSON.parse(source) as { readonly path?: unknown; readonly poolFolders?: unknown };
    return [path, ...(Array.isArray(poolFolders) ? poolFolders : [])].filter((place) => typeof place === 'string');
  } catch {
    return [];
  }
}

/** Excludes generated columns, which evaluate expressions, and virtual tables, which run code. */
function hasPlainColumn(database: Database.Database, table: string, column: string): boolean {
  const sql = database.prepare(`SELECT sql FROM sqlite_schema WHERE type = 'table' AND name = ?`).pluck().get(table);
  if (typeof sql !== 'string' || !sql.startsWith('CREATE TABLE ')) return false;
  const columns = database.prepare('SELECT name, hidden FROM pragma_table_xinfo(?)').all(table) as {
    readonly name: string;
    readonly hidden: number;
  }[];
  return columns.some(({ name, hidden }) => name === column && hidden === 0);
}

function hasCause(error: unknown, code: string): boolean {
  const cause = error instanceof Error ? error.cause : undefined;
  return cause instanceof Database.SqliteError && cause.code === code;
}
