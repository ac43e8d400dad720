import { closeSync, fsyncSync, openSync, renameSync, rmSync } from 'node:fs';
import Database from 'better-sqlite3';
import { privateFile } from '../../platform/privateFiles.ts';
import { toStoreError } from './sqliteErrors.ts';
import { StoreError } from '../storeError.ts';
import type { Migration } from '../migrations/migration.ts';

/** "ALYO": marks a file as ours, so that another program's database is never mistaken for an empty one. */
export const applicationId = 0x414c594f;

function numberPragma(database: Database.Database, name: string): number {
  return Number(database.pragma(name, { simple: true }));
}

/** The version of the last migration. */
export function latestVersion(migrations: readonly Migration[]): number {
  return migrations.at(-1)?.version ?? 0;
}

/**
 * Checks the file before the first write.
 * @returns the schema version of the file, 0 for an empty one.
 * @throws StoreError `newer-version`, `not-a-database` (of another program).
 */
export function checkIdentity(
  database: Database.Database,
  databasePath: string,
  migrations: readonly Migration[],
): number {
  const version = numberPragma(database, 'user_version');
  const isEmpty = database.prepare('SELECT 1 FROM sqlite_schema LIMIT 1').get() === undefined;
  if (!isEmpty && numberPragma(database, 'application_id') !== applicationId) {
    throw new StoreError('not-a-database', `The file is another program's database: ${databasePath}`, {
      where: databasePath,
    });
  }
  const latest = latestVersion(migrations);
  if (version > latest) {
    throw new StoreError(
      'newer-version',
      `The session database was written by a newer version (schema ${version}, this one knows ${latest}): ${databasePath}`,
      { where: databasePath },
    );
  }
  return version;
}

/** Writes a complete copy through a second connection, without blocking readers. */
function keepCopy(databasePath: string, copyPath: string): void {
  const partial = `${copyPath}.partial`;
  rmSync(partial, { force: true });
  // Create the file first: SQLite fills it without changing its private mode.
  closeSync(openSync(partial, 'wx', privateFile));
  const reader = new Database(databasePath, { readonly: true });
  try {
    reader.prepare('VACUUM INTO ?').run(partial);
  } catch (error) {
    rmSync(partial, { force: true });
    throw error;
  } finally {
    reader.close();
  }
  const descriptor = openSync(partial, 'r+');
  try {
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(partial, copyPath);
}

/** Stores an id by which a user's record identifies the database. May be repeated. */
export function addFolderId(database: Database.Database, id: string): void {
  database.prepare(`INSERT OR IGNORE INTO folder_ids VALUES (?, strftime('%Y-%m-%dT%H:%M:%fZ'))`).run(id);
}

function apply(database: Database.Database, migration: Migration): void {
  database.exec(migration.sql);
  const broken = database.pragma('foreign_key_check');
  if (Array.isArray(broken) && broken.length > 0) {
    throw new Error(`${broken.length} rows point to rows that are not there: ${JSON.stringify(broken[0])}`);
  }
  database.pragma(`user_version = ${migration.version}`);
}

/**
 * Migrates the schema to the last version in one transaction. Before that, copies a database that already has a schema
 * to `<file>.v<version>.bak`. Two processes may do so at once: the second one waits and has nothing left to do.
 *
 * @param folderId stored in a new database.
 * @returns a message for the user if an older database was migrated, otherwise null.
 * @throws StoreError `migration-failed` (the file is unchanged), or the code of the disk, lock or file error.
 */
export function migrate(
  database: Database.Database,
  databasePath: string,
  migrations: readonly Migration[],
  folderId?: string,
): string | null {
  const latest = latestVersion(migrations);
  if (numberPragma(database, 'user_version') === latest) return null;
  // A step may rebuild a table that others reference; foreign_key_check then validates the references.
  database.pragma('foreign_keys = OFF');
  let version = 0;
  let step = '';
  try {
    database.exec('BEGIN IMMEDIATE');
    version = checkIdentity(database, databasePath, migrations);
    const copyPath = `${databasePath}.v${version}.bak`;
    const pending = migrations.filter((migration) => migration.version > version);
    if (version > 0 && pending.length > 0) keepCopy(databasePath, copyPath);
    database.pragma(`application_id = ${applicationId}`);
    for (const migration of pending) {
      step = `step ${migration.version} (${migration.name})`;
      apply(database, migration);
    }
    // In the same transaction as the first tables, so that no other process sees them without the id.
    if (version === 0 && folderId !== undefined) addFolderId(database, folderId);
    database.exec('COMMIT');
    if (version === 0 || pending.length === 0) return null;
    return `The session database was brought from schema ${version} to ${latest}; a copy of the old one is kept in ${copyPath}.`;
  } catch (error) {
    if (database.inTransaction) database.exec('ROLLBACK');
    const known = toStoreError(error, databasePath);
    const isEnvironment = known instanceof StoreError && known.code !== 'unexpected' && known.code !== 'invalid-value';
    if (isEnvironment || step === '') throw known;
    const reason = error instanceof Error ? error.message : String(error);
    throw new StoreError(
      'migration-failed',
      `The session database could not be brought from schema ${version} to ${latest}, ${step}: ${reason}`,
      { where: databasePath, cause: error },
    );
  } finally {
    database.pragma('foreign_keys = ON');
  }
}
