import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { latestVersion } from './migrate.ts';
import { migrations } from '../migrations/all.ts';
import { at, createProject, lease, settings, thrownBy, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

const toRead = { readOnly: true };

describe('a database that is opened read-only', () => {
  it('returns all data and rejects every write', () => {
    const databasePath = bench.databasePath();
    const writing = bench.open(databasePath);
    const { imageIds, datasetId } = createProject(writing);
    writing.close();
    const before = readFileSync(databasePath);
    const store = bench.open(databasePath, toRead);
    expect(store.info()).toMatchObject({ schemaVersion: latestVersion(migrations), journalMode: 'wal', notices: [] });
    expect(store.sessions.list()).toHaveLength(1);
    expect(store.images.find({ datasetId })).toHaveLength(imageIds.length);
    const writes: readonly (() => unknown)[] = [
      () => store.images.update([{ id: at(imageIds, 0), state: 'later' }]),
      () => store.sessions.create(datasetId, { ...settings, name: 'Another' }),
      () => store.leases.acquire('training', lease('one')),
    ];
    for (const write of writes) expect(thrownBy(write)).toMatchObject({ code: 'read-only', where: databasePath });
    store.close();
    expect(readFileSync(databasePath)).toEqual(before);
  });

  it('sees changes of a window with write access', () => {
    const databasePath = bench.databasePath();
    const writing = bench.open(databasePath);
    const { imageIds } = createProject(writing);
    const store = bench.open(databasePath, toRead);
    const version = store.dataVersion();
    expect(store.dataVersion()).toBe(version);
    writing.images.update([{ id: at(imageIds, 0), state: 'later' }]);
    expect(store.dataVersion()).not.toBe(version);
    expect(store.images.get(at(imageIds, 0))?.state).toBe('later');
  });

  it('is not created if it is missing, nor is its folder', () => {
    const folder = bench.folder();
    const missing = path.join(folder, 'sessions.db');
    expect(thrownBy(() => bench.open(missing, toRead))).toMatchObject({ code: 'cannot-open' });
    expect(thrownBy(() => bench.open(path.join(folder, 'deeper', 'sessions.db'), toRead))).toMatchObject({
      code: 'cannot-open',
    });
    expect(readdirSync(folder)).toEqual([]);
  });

  it('is not migrated: an older one is rejected and stays unchanged', () => {
    const databasePath = bench.databasePath();
    bench.open(databasePath, {}, migrations.slice(0, 1)).close();
    const before = readFileSync(databasePath);
    const newer = [...migrations, { version: latestVersion(migrations) + 1, name: 'next', sql: 'SELECT 1' }];
    const error = thrownBy(() => bench.open(databasePath, toRead, newer));
    expect(error).toMatchObject({ code: 'older-version', where: databasePath });
    expect(readFileSync(databasePath)).toEqual(before);
    expect(existsSync(`${databasePath}.v1.bak`)).toBe(false);
  });

  // Mounting needs administrator rights.
  const mounted = mkdtempSync(path.join(tmpdir(), 'al-mounted-'));
  const canMount = process.platform === 'linux' && mount(mounted);
  afterAll(() => {
    if (canMount) execFileSync('umount', ['-l', mounted]);
    rmdirSync(mounted);
  });

  it.skipIf(!canMount)('is read from a read-only medium, including its write-ahead log, and leaves no files', () => {
    const databasePath = path.join(mounted, 'sessions.db');
    const writing = bench.open(databasePath);
    const { imageIds, datasetId } = createProject(writing);
    writing.images.update([{ id: at(imageIds, 0), state: 'later' }]);
    // The state after a power failure: a write-ahead log without the shared memory file.
    const other = path.join(mounted, 'other.db');
    for (const suffix of ['', '-wal']) copyFileSync(databasePath + suffix, other + suffix);
    writing.close();
    execFileSync('mount', ['-o', 'remount,ro', mounted]);
    const before = copies();
    for (const file of [databasePath, other]) {
      const store = bench.open(file, toRead);
      expect(store.images.find({ datasetId })).toHaveLength(imageIds.length);
      expect(store.images.get(at(imageIds, 0))?.state).toBe('later');
      const update = (): unknown => store.images.update([{ id: at(imageIds, 0), state: 'labelled' }]);
      expect(thrownBy(update)).toMatchObject({ code: 'read-only' });
      expect(copies()).toEqual(before);
      store.close();
    }
  });
});

function copies(): string[] {
  return readdirSync(tmpdir()).filter((name) => name.startsWith('al-sessions-'));
}

function mount(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', 'al-test', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}
