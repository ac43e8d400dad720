import { execFileSync } from 'node:child_process';
import { closeSync, mkdirSync, openSync, readFileSync, symlinkSync, truncateSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import Database from 'better-sqlite3';
import { openStore } from '../../src/adapters/store/openStore.ts';
import { openStoreCore } from '../../src/adapters/store/storeCore.ts';
import { createProject, TestClock, threadPath } from '../../src/adapters/store/testing/fixtures.ts';
import type { Store } from '../../src/workflow/ports/store.ts';
import type { BadInput, Kind, Told } from './badInput.ts';
import { put } from './pictures.ts';

const name = 'sessions.db';

/** A whole database with a session. */
function makeDatabase(path: string): void {
  const store = openStoreCore({ databasePath: path }, new TestClock());
  createProject(store);
  store.close();
}

function change(path: string, sql: string): void {
  const database = new Database(path);
  database.unsafeMode();
  database.exec(sql);
  database.close();
}

/** Opens the database and reads every kind of row that a window shows first. */
async function open(folder: string, readOnly = false): Promise<readonly Told[]> {
  const store = await openStore({ databasePath: join(folder, name), threadPath, busyTimeoutMs: 200, readOnly });
  try {
    await read(store);
  } finally {
    await store.close();
  }
  return [];
}

async function read(store: Store): Promise<void> {
  await store.sessions.get(1);
  await store.datasets.get(1);
  await store.iterations.get(1);
  await store.samples.get(1);
  await store.images.get(1);
}

function file(
  title: string,
  make: (path: string) => void,
  code: string,
  says: RegExp,
  { readOnly = false, names = name } = {},
): BadInput {
  return {
    name: title,
    make: (folder) => make(join(folder, name)),
    meet: (folder) => open(folder, readOnly),
    code,
    says,
    names,
    mayChange: /-(?:wal|shm)$/u,
  };
}

const content = (title: string, bytes: string | Uint8Array, code: string, says: RegExp): BadInput =>
  file(title, (path) => put(dirname(path), name, bytes), code, says);

/** A whole database in which `spoil` changes something. */
const spoiled = (title: string, spoil: (path: string) => void, code: string, says: RegExp, more = {}): BadInput =>
  file(
    title,
    (path) => {
      makeDatabase(path);
      spoil(path);
    },
    code,
    says,
    more,
  );

const foreign = (title: string, sql: string, says: RegExp): BadInput =>
  spoiled(title, (path) => change(path, sql), 'foreign-schema', says);

const row = (table: string, column: string, value: string): BadInput =>
  spoiled(
    `${table}.${column} that holds ${value.slice(0, 20)}`,
    (path) => change(path, `UPDATE ${table} SET ${column} = ${value}`),
    'corrupt-row',
    new RegExp(`column ${column}`),
    { names: table },
  );

function overwrite(path: string, at: number, bytes: Uint8Array): void {
  const handle = openSync(path, 'r+');
  writeSync(handle, bytes, 0, bytes.length, at);
  closeSync(handle);
}

const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS id FROM n';

const files: readonly BadInput[] = [
  content('text', 'no database at all, but long enough for one. '.repeat(9), 'not-a-database', /not a SQLite database/),
  content(
    'random bytes',
    Buffer.from(Array.from({ length: 8192 }, (_, i) => (i * 7919) % 256)),
    'not-a-database',
    /not a SQLite/,
  ),
  content(
    'a pointer of Git LFS',
    'version https://git-lfs.github.com/spec/v1\noid sha256:1234567890\nsize 190000\n'.repeat(2),
    'not-a-database',
    /not a SQLite/,
  ),
  content('the header of a database alone', 'SQLite format 3\0', 'not-a-database', /not a SQLite|damaged/),
  file('a folder', (path) => mkdirSync(path), 'cannot-open', /cannot be opened/),
  spoiled(
    'half of it',
    (path) => truncateSync(path, Math.floor(readFileSync(path).length / 2)),
    'not-a-database',
    /damaged/,
  ),
  spoiled('one page of it', (path) => truncateSync(path, 4096), 'not-a-database', /damaged/),
  spoiled('a size of page that is none', (path) => overwrite(path, 16, Buffer.from([3, 3])), 'not-a-database', /./),
  spoiled('a future format of the file', (path) => overwrite(path, 18, Buffer.from([9, 9])), 'not-a-database', /./),
  spoiled(
    'a list of tables that is overwritten',
    (path) => overwrite(path, 100, Buffer.alloc(3000, 0xee)),
    'not-a-database',
    /damaged/,
  ),
  spoiled(
    'pages that are overwritten, only to be looked at',
    (path) => overwrite(path, 8192, Buffer.alloc(readFileSync(path).length - 8192, 0xee)),
    'not-a-database',
    /damaged/,
    { readOnly: true },
  ),
  file('no file, only to be looked at', () => {}, 'cannot-open', /no session database/, { readOnly: true }),
  file(
    "another program's",
    (path) => change(path, 'CREATE TABLE bookmarks (url TEXT)'),
    'not-a-database',
    /another program/,
  ),
  spoiled(
    'the mark of another program',
    (path) => change(path, 'PRAGMA application_id = 7'),
    'not-a-database',
    /another program/,
  ),
  spoiled('a newer version', (path) => change(path, 'PRAGMA user_version = 999'), 'newer-version', /schema 999/),
  spoiled(
    'an older version, only to be looked at',
    (path) => change(path, 'PRAGMA user_version = 1'),
    'foreign-schema',
    /./,
    { readOnly: true },
  ),
];

const schemas: readonly BadInput[] = [
  foreign('a view', 'CREATE VIEW more AS SELECT 1', /view more/),
  foreign(
    'a view without end in the place of a table',
    `ALTER TABLE training_sessions RENAME TO hidden; CREATE VIEW training_sessions AS ${endless}`,
    /not ours/,
  ),
  foreign('a trigger', 'CREATE TRIGGER t AFTER UPDATE ON images BEGIN DELETE FROM images; END', /trigger t/),
  foreign('another table', 'CREATE TABLE "\u001B[31mred" (a)', /not ours/),
  foreign('another column', 'ALTER TABLE images ADD COLUMN more TEXT', /not ours/),
  foreign(
    'an index with an expression',
    'CREATE INDEX slow ON images (hex(zeroblob(9)) || relative_path)',
    /index slow/,
  ),
  foreign('a virtual table', 'CREATE VIRTUAL TABLE words USING fts5(text)', /not ours/),
  foreign('a table that is missing', 'DROP TABLE leases', /lacks the table leases/),
  foreign('a name of 5,000 characters', `CREATE TABLE ${'x'.repeat(5000)} (a)`, /not ours/),
];

const rows: readonly BadInput[] = [
  row('training_sessions', 'settings', `'{"aggregation":"median"}'`),
  row('training_sessions', 'status', `'paused'`),
  row('training_sessions', 'uncertainty_weights', `'{"confidence":1'`),
  row('training_sessions', 'settings', `'${'['.repeat(50_000)}'`),
  row('training_iterations', 'status', `'waiting'`),
  row('datasets', 'class_names', `'["a", 1]'`),
  row('datasets', 'source', `'{"kind":"cloud"}'`),
  row('training_sessions', 'batch_size', `'large'`),
  row('images', 'state', `''`),
  row('images', 'split', `'training'`),
  row('uncertain_samples', 'scores', `'NaN'`),
  row('uncertain_samples', 'verdict', `'maybe'`),
  row('uncertain_samples', 'predicted_boxes', `'[{"classId":0}]'`),
];

const locked: BadInput = {
  ...spoiled('one that another program holds', () => {}, 'database-locked', /Another program holds/),
  async meet(folder) {
    const holder = new Database(join(folder, name));
    try {
      holder.pragma('journal_mode = DELETE');
      holder.exec('BEGIN EXCLUSIVE');
      return await open(folder);
    } finally {
      holder.close();
    }
  },
  mayChange: /sessions\.db/u,
};

const links: readonly BadInput[] = [
  file('a named pipe', (path) => execFileSync('mkfifo', [path]), 'cannot-open', /folder, pipe or device/),
  file('a device without end', (path) => symlinkSync('/dev/zero', path), 'storage-link', /is a link/),
  file('a link to itself', (path) => symlinkSync(name, path), 'storage-link', /is a link/),
];

export const databases: Kind = {
  kind: 'databases',
  inputs: [...files, ...schemas, ...rows, locked, ...(process.platform === 'win32' ? [] : links)],
};
