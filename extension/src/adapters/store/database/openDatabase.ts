import { closeSync, constants, existsSync, mkdirSync, openSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import type { Clock } from '../../../workflow/ports/clock.ts';
import type { StoreInfo } from '../../../workflow/ports/store.ts';
import { privateFile, privateFolder } from '../../platform/privateFiles.ts';
import { Connection } from './connection.ts';
import { requireFile } from './databaseFile.ts';
import { holdsFolderId } from './foreignDatabase.ts';
import { chooseJournal } from '../journal.ts';
import { addFolderId, checkIdentity, latestVersion, migrate } from './migrate.ts';
import { migrations as allMigrations } from '../migrations/all.ts';
import type { Migration } from '../migrations/migration.ts';
import { networkFolder } from './networkFolder.ts';
import { openReadable } from './openReadable.ts';
import { checkSchema } from './schemaCheck.ts';
import { toStoreError } from './sqliteErrors.ts';
import { StoreError } from '../storeError.ts';

/** SQLite's name for a database without a file. */
const inMemory = ':memory:';

/** Plain data, because it is sent to the thread. */
export interface DatabaseOptions {
  /** Absolute path. A missing folder is created. */
  readonly databasePath: string;
  /** How long to wait for another process's lock. Default 5,000 ms. */
  readonly busyTimeoutMs?: number;
  /** Whether the file is on a network drive, where WAL is unsafe. Default: detected. */
  readonly networkDrive?: boolean;
  /** Opens an existing database of the current version without creating, migrating or changing anything. */
  readonly readOnly?: boolean;
  /** The id by which this user's record identifies the folder. Added to a new database; any other must contain it. */
  readonly folderId?: string;
  /** Adds `folderId` to a database that lacks it, because the user trusts the database. */
  readonly adopt?: boolean;
}

export interface OpenedDatabase {
  readonly connection: Connection;
  readonly info: StoreInfo;
}

/**
 * Opens the session database, and creates or migrates it as needed. Synchronous: for the store's thread.
 *
 * Every commit uses `synchronous = FULL`: a verdict counts as stored when its call returns, and the journal entry of a
 * label file must survive a power failure if the file does. NORMAL could lose the last commits in WAL mode. Commits are
 * rare (one per verdict or batch of scored images), so the flush is not noticeable.
 *
 * @param onIdentified called when the database is identified as the user's. The remaining steps may take long.
 * @throws StoreError `newer-version`, `older-version` (only to read), `migration-failed`, `not-a-database`, `foreign-schema`,
 * `database-locked`, `disk-full`, `read-only`, `cannot-open`, `io-error`, `foreign-database` (holds no `folderId`).
 */
export function openDatabase(
  options: DatabaseOptions,
  clock: Pick<Clock, 'now'>,
  migrations: readonly Migration[] = allMigrations,
  onIdentified: () => void = () => {},
): OpenedDatabase {
  const { databasePath, busyTimeoutMs = 5000, folderId } = options;
  requireFile(databasePath);
  if (options.readOnly === true) return openToRead(databasePath, busyTimeoutMs, clock, migrations);
  let database: Database.Database | undefined;
  try {
    if (databasePath !== inMemory) makeDatabaseFile(databasePath);
    if (folderId !== undefined && options.adopt !== true && !holdsFolderId(databasePath, folderId)) {
      throw new StoreError('foreign-database', `Another one made the session database ${databasePath}`, {
        where: databasePath,
      });
    }
    onIdentified();
    database = new Database(databasePath, { timeout: busyTimeoutMs });
    guard(database);
    checkedVersion(database, databasePath, migrations);
    const network = options.networkDrive === undefined ? networkFolder(databasePath) : networkName(options);
    const journal = chooseJournal(database, network, busyTimeoutMs);
    database.pragma('synchronous = FULL');
    // On macOS, fsync alone leaves the data in the drive's cache.
    database.pragma('fullfsync = ON');
    database.pragma('checkpoint_fullfsync = ON');
    database.pragma('foreign_keys = ON');
    const migrated = migrate(database, databasePath, migrations, folderId);
    if (folderId !== undefined && options.adopt === true) addFolderId(database, folderId);
    // A read-only file opens without an error and fails at the first write. Fail now rather than at the first verdict.
    database.exec('BEGIN IMMEDIATE; ROLLBACK;');
    return {
      connection: new Connection(database, databasePath, clock),
      info: {
        schemaVersion: latestVersion(migrations),
        journalMode: journal.journalMode,
        notices: migrated === null ? journal.notices : [...journal.notices, migrated],
      },
    };
  } catch (error) {
    database?.close();
    throw toStoreError(error, databasePath);
  }
}

/** The checked version of our database. Read in one transaction, because another process may be migrating it. */
function checkedVersion(database: Database.Database, databasePath: string, migrations: readonly Migration[]): number {
  const check = database.transaction(() => {
    const version = checkIdentity(database, databasePath, migrations);
    checkSchema(database, databasePath, version, migrations);
    return version;
  });
  return check();
}

/** Hardens SQLite before the first statement, because the file may be untrusted. */
function guard(database: Database.Database): void {
  database.pragma('trusted_schema = OFF');
  database.pragma('cell_size_check = ON');
}

/**
 * Checks that each page is referenced only once. A malicious file can reference the same pages repeatedly, so that
 * reading one table would take forever.
 */
function checkPages(database: Database.Database, databasePath: string): void {
  const finding = String(database.pragma('quick_check(1)', { simple: true }));
  if (finding === 'ok') return;
  throw new StoreError(
    'not-a-database',
    `The session database is damaged: ${databasePath} (${finding.slice(0, 200)})`,
    {
      where: databasePath,
    },
  );
}

/** Creates the file with a private mode, which SQLite copies to its files next to it. Rejects planted links. */
function makeDatabaseFile(databasePath: string): void {
  const folder = path.dirname(databasePath);
  mkdirSync(folder, { recursive: true, mode: privateFolder });
  closeSync(openSync(databasePath, constants.O_RDONLY | constants.O_CREAT, privateFile));
}

/** Opens the database read-only. Next to a write-ahead log SQLite may still create the index that readers share. */
function openToRead(
  databasePath: string,
  busyTimeoutMs: number,
  clock: Pick<Clock, 'now'>,
  migrations: readonly Migration[],
): OpenedDatabase {
  if (!existsSync(databasePath)) {
    throw new StoreError('cannot-open', `There is no session database: ${databasePath}`, { where: databasePath });
  }
  let database: Database.Database | undefined;
  try {
    database = openReadable(databasePath, busyTimeoutMs);
    guard(database);
    const schemaVersion = checkedVersion(database, databasePath, migrations);
    const latest = latestVersion(migrations);
    if (schemaVersion < latest) {
      throw new StoreError(
        'older-version',
        `The session database was written by an older version (schema ${schemaVersion}, this one reads ${latest}): ${databasePath}`,
        { where: databasePath },
      );
    }
    checkPages(database, databasePath);
    const journalMode = String(database.pragma('journal_mode', { simple: true }));
    return {
      connection: new Connection(database, databasePath, clock),
      info: { schemaVersion, journalMode, notices: [] },
    };
  } catch (error) {
    database?.close();
    throw toStoreError(error, databasePath);
  }
}

function networkName(options: DatabaseOptions): string | null {
  return options.networkDrive === true ? 'by setting' : null;
}
