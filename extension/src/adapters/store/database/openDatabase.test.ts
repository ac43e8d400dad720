import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { latestVersion } from './migrate.ts';
import { migrations } from '../migrations/all.ts';
import { Connection } from './connection.ts';
import { openDatabase } from './openDatabase.ts';
import { createImages } from '../repositories/images.ts';
import { at, createProject, newImage, thrownBy, Workbench } from '../testing/fixtures.ts';
import { StoreError } from '../storeError.ts';

const bench = new Workbench();
const children: ReturnType<typeof spawn>[] = [];
afterEach(() => {
  for (const child of children.splice(0)) child.kill('SIGKILL');
  bench.clean();
});

async function lock(databasePath: string, statement: string): Promise<ReturnType<typeof spawn>> {
  const script = path.join(import.meta.dirname, '..', 'testing', 'holdLock.ts');
  const child = spawn(process.execPath, [script, databasePath, statement], { stdio: ['ignore', 'pipe', 'inherit'] });
  children.push(child);
  await once(child.stdout, 'data');
  return child;
}

function failure(work: () => unknown): StoreError {
  const error = thrownBy(work);
  if (error instanceof StoreError) return error;
  throw error;
}

describe('opening', () => {
  it('creates no file for a database in memory', () => {
    expect(bench.open(':memory:').info().schemaVersion).toBe(latestVersion(migrations));
    expect(existsSync(':memory:')).toBe(false);
  });

  it('creates folder and file', () => {
    const databasePath = path.join(bench.folder(), 'deep', 'er folder #1', 'sessions.db');
    const store = bench.open(databasePath);
    expect(store.info()).toEqual({ schemaVersion: latestVersion(migrations), journalMode: 'wal', notices: [] });
    createProject(store);
    store.close();
    store.close();
    expect(bench.open(databasePath).sessions.list()).toHaveLength(1);
  });

  it.each([false, true])(
    'checks foreign keys and flushes every commit, new or reopened (network drive: %s)',
    (networkDrive) => {
      const databasePath = bench.databasePath();
      for (let opening = 0; opening < 2; opening++) {
        const { connection } = openDatabase({ databasePath, networkDrive }, { now: () => 'now' });
        const pragmas = ['foreign_keys', 'synchronous', 'fullfsync', 'checkpoint_fullfsync', 'trusted_schema'];
        const values = pragmas.map((name) => connection.get(`PRAGMA ${name}`));
        connection.close();
        expect(values).toEqual([
          { foreign_keys: 1 },
          { synchronous: 2 },
          { fullfsync: 1 },
          { checkpoint_fullfsync: 1 },
          { trusted_schema: 0 },
        ]);
      }
    },
  );

  it('reports not-a-database for another kind of file, and leaves it unchanged', () => {
    const databasePath = bench.databasePath();
    writeFileSync(databasePath, 'this is a text, and a long one. '.repeat(100));
    const before = readFileSync(databasePath);
    const error = failure(() => bench.open(databasePath));
    expect(error).toMatchObject({ code: 'not-a-database', where: databasePath });
    expect(error.message).toContain(databasePath);
    expect(error.hint).toContain('Move the file aside');
    expect(readFileSync(databasePath)).toEqual(before);
  });

  it("reports not-a-database for another program's database, and leaves it unchanged", () => {
    const databasePath = bench.databasePath();
    const other = new Database(databasePath);
    other.exec('CREATE TABLE bookmarks (url TEXT)');
    other.close();
    const before = readFileSync(databasePath);
    expect(failure(() => bench.open(databasePath)).code).toBe('not-a-database');
    expect(readFileSync(databasePath)).toEqual(before);
  });

  it('reports not-a-database for a damaged database', () => {
    const databasePath = bench.databasePath();
    const store = bench.open(databasePath);
    createProject(store);
    store.close();
    truncateSync(databasePath, 5000);
    const error = failure(() => bench.open(databasePath).sessions.list());
    expect(error).toMatchObject({ code: 'not-a-database', where: databasePath });
    expect(error.hint).toContain('label files');
  });

  it('treats an empty file as a new database', () => {
    const databasePath = bench.databasePath();
    writeFileSync(databasePath, '');
    expect(bench.open(databasePath).sessions.list()).toEqual([]);
  });

  it('reports cannot-open for a folder', () => {
    const databasePath = bench.databasePath();
    mkdirSync(databasePath);
    expect(failure(() => bench.open(databasePath))).toMatchObject({ code: 'cannot-open', where: databasePath });
  });

  it('reports cannot-open if the parent folder is a file', () => {
    const file = bench.databasePath();
    writeFileSync(file, '');
    expect(failure(() => bench.open(path.join(file, 'sessions.db'))).code).toBe('cannot-open');
  });
});

describe('a locked database', () => {
  it('is reported on opening, and opens after the lock is released', async () => {
    const databasePath = bench.databasePath();
    bench.open(databasePath).close();
    const holder = await lock(databasePath, 'BEGIN EXCLUSIVE');
    const error = failure(() => bench.open(databasePath));
    expect(error).toMatchObject({ code: 'database-locked', where: databasePath });
    expect(error.hint).toContain('Close other windows');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    expect(bench.open(databasePath).sessions.list()).toEqual([]);
  });

  it('is reported on writing a verdict, and reading continues', async () => {
    const databasePath = bench.databasePath();
    const store = bench.open(databasePath);
    const { imageIds } = createProject(store);
    const id = at(imageIds, 0);
    const holder = await lock(databasePath, 'BEGIN IMMEDIATE');
    expect(failure(() => store.images.update([{ id, state: 'later' }])).code).toBe('database-locked');
    expect(store.images.get(id)?.state).toBe('unlabelled');
    holder.kill('SIGKILL');
    await once(holder, 'exit');
    store.images.update([{ id, state: 'later' }]);
    expect(store.images.get(id)?.state).toBe('later');
  });

  it('without WAL blocks readers too', async () => {
    const databasePath = bench.databasePath();
    bench.open(databasePath, { networkDrive: true }).close();
    await lock(databasePath, 'BEGIN EXCLUSIVE');
    expect(failure(() => bench.open(databasePath, { networkDrive: true })).code).toBe('database-locked');
  });
});

describe('a full disk', () => {
  it('is reported, changes nothing, and writing continues when space is available', () => {
    const database = new Database(bench.databasePath());
    bench.open(database.name).close();
    const images = createImages(new Connection(database, database.name, { now: () => 'now' }));
    database.exec(
      `INSERT INTO datasets VALUES (1, '{}', '[]', 'now', 0); INSERT INTO dataset_roots VALUES (1, 1, '/', 'pool')`,
    );
    const list = Array.from({ length: 500 }, (_, index) => newImage(1, `${index}`, { problem: 'x'.repeat(500) }));
    const pages = Number(database.pragma('page_count', { simple: true }));
    database.pragma(`max_page_count = ${pages + 10}`);
    const error = failure(() => images.insert(1, list));
    expect(error).toMatchObject({ code: 'disk-full', where: database.name });
    expect(error.hint).toContain('Free space');
    expect(images.count({ datasetId: 1 })).toBe(0);
    database.pragma('max_page_count = 100000');
    expect(images.insert(1, list)).toHaveLength(500);
    expect(database.pragma('integrity_check', { simple: true })).toBe('ok');
    database.close();
  });
});

describe('a read-only folder', () => {
  // Root may write everywhere, so a process of another user tries to write.
  const isRoot = process.getuid?.() === 0;
  const isWindows = process.platform === 'win32';

  /** The result of opening each of the files in a separate process. */
  function openElsewhere(...databasePaths: readonly string[]): string[] {
    const source = `
      import { openStoreCore } from ${JSON.stringify(path.join(import.meta.dirname, '..', 'storeCore.ts'))};
      for (const databasePath of ${JSON.stringify(databasePaths)}) {
        try {
          openStoreCore({ databasePath, busyTimeoutMs: 100 }, { now: () => 'now' }).close();
          console.log('opened');
        } catch (error) {
          console.log(error.code + ' ' + error.where);
        }
      }`;
    const result = spawnSync(process.execPath, ['--input-type=module', '-e', source], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'] ?? '' },
      cwd: import.meta.dirname,
      ...(isRoot ? { uid: 65_534, gid: 65_534 } : {}),
    });
    // If that user cannot access Node or this folder, the process prints nothing.
    if (result.error !== undefined) return [String(result.error)];
    return (result.stdout.trim() || result.stderr).split('\n');
  }

  const outsideFolder = bench.folder();
  chmodSync(outsideFolder, 0o777);
  const canBeAnother = !isWindows && openElsewhere(path.join(outsideFolder, 'probe.db'))[0] === 'opened';
  bench.clean();

  it.skipIf(!canBeAnother)('is reported, with and without a database, with and without WAL', () => {
    const folder = bench.folder();
    const names = ['wal.db', 'delete.db', 'none.db', path.join('new', 'sessions.db')];
    const databasePaths = names.map((name) => path.join(folder, name));
    bench.open(databasePaths[0]).close();
    bench.open(databasePaths[1], { networkDrive: true }).close();
    chmodSync(at(databasePaths, 0), 0o444);
    chmodSync(at(databasePaths, 1), 0o444);
    chmodSync(folder, 0o555);
    expect(openElsewhere(...databasePaths)).toEqual(databasePaths.map((databasePath) => `read-only ${databasePath}`));
  });
});

describe('data_version', () => {
  it('changes only when another connection writes', () => {
    const databasePath = bench.databasePath();
    const one = bench.open(databasePath);
    const two = bench.open(databasePath);
    const first = one.dataVersion();
    const { imageIds } = createProject(one);
    expect(one.dataVersion()).toBe(first);
    const second = two.dataVersion();
    two.images.update([{ id: at(imageIds, 0), state: 'later' }]);
    expect(one.dataVersion()).not.toBe(first);
    expect(two.dataVersion()).toBe(second);
  });
});
