import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { chooseJournal } from './journal.ts';
import type { PragmaTarget } from './journal.ts';
import { isUncPath, networkFileSystemName, networkFolder } from './database/networkFolder.ts';
import { createProject, Workbench } from './testing/fixtures.ts';

const bench = new Workbench();
const databases: Database.Database[] = [];
afterEach(() => {
  for (const opened of databases.splice(0)) opened.close();
  bench.clean();
});

function database(databasePath = bench.databasePath()): Database.Database {
  const opened = new Database(databasePath, { timeout: 100 });
  databases.push(opened);
  return opened;
}

/** A real database on which the first uses of a pragma fail, as on a drive without shared memory. */
function failing(
  target: Database.Database,
  failures: Record<string, string>,
): { target: PragmaTarget; said: string[] } {
  const left = new Map(Object.entries(failures));
  const said: string[] = [];
  const pragma: PragmaTarget['pragma'] = (source, options) => {
    said.push(source);
    const code = left.get(source);
    left.delete(source);
    if (code !== undefined) throw new Database.SqliteError('disk I/O error', code);
    return target.pragma(source, options);
  };
  return { target: { pragma }, said };
}

describe('the journal', () => {
  it('is WAL on a local drive', () => {
    expect(chooseJournal(database(), null, 100)).toEqual({ journalMode: 'wal', notices: [] });
  });

  it('is DELETE on a network drive, with a notice, and the store works', () => {
    const store = bench.open(bench.databasePath(), { networkDrive: true });
    expect(store.info().journalMode).toBe('delete');
    expect(store.info().notices).toEqual([expect.stringContaining('network drive')]);
    createProject(store);
    expect(store.sessions.list()).toHaveLength(1);
  });

  it('switches from WAL after a move to a network drive, and back', () => {
    const databasePath = bench.databasePath();
    createProject(bench.open(databasePath));
    bench.clean();
    const local = bench.databasePath();
    const first = bench.open(local);
    createProject(first);
    first.close();
    const remote = bench.open(local, { networkDrive: true });
    expect(remote.info().journalMode).toBe('delete');
    expect(remote.sessions.list()).toHaveLength(1);
    remote.close();
    expect(bench.open(local).info()).toMatchObject({ journalMode: 'wal', notices: [] });
  });

  it('is not WAL if SQLite declines WAL, with a notice', () => {
    const choice = chooseJournal(database(':memory:'), null, 100);
    expect(choice.journalMode).toBe('memory');
    expect(choice.notices).toEqual([expect.stringContaining('no shared memory')]);
  });

  it('is DELETE if WAL fails for lack of shared memory', () => {
    const { target } = failing(database(), { 'journal_mode = WAL': 'SQLITE_IOERR_SHMMAP' });
    const choice = chooseJournal(target, null, 100);
    expect(choice.journalMode).toBe('delete');
    expect(choice.notices).toHaveLength(1);
  });

  it('switches from WAL with an exclusive connection if even reading needs shared memory', () => {
    const { target, said } = failing(database(), {
      'journal_mode = WAL': 'SQLITE_IOERR_SHMOPEN',
      'journal_mode = DELETE': 'SQLITE_IOERR_SHMOPEN',
    });
    expect(chooseJournal(target, null, 100).journalMode).toBe('delete');
    expect(said).toEqual([
      'journal_mode = WAL',
      'journal_mode = DELETE',
      'locking_mode = EXCLUSIVE',
      'journal_mode = DELETE',
      'locking_mode = NORMAL',
    ]);
  });

  it('waits for another connection that is changing the mode', () => {
    const { target, said } = failing(database(), { 'journal_mode = WAL': 'SQLITE_BUSY' });
    expect(chooseJournal(target, null, 10_000).journalMode).toBe('wal');
    expect(said).toEqual(['journal_mode = WAL', 'journal_mode = WAL']);
  });

  it.each(['SQLITE_NOTADB', 'SQLITE_FULL', 'SQLITE_READONLY'])('does not hide %s', (code) => {
    const { target } = failing(database(), { 'journal_mode = WAL': code });
    expect(() => chooseJournal(target, null, 100)).toThrow(expect.objectContaining({ code }));
  });
});

describe('network drives', () => {
  it.each([
    [0x6969, 'NFS'],
    [0xff534d42, 'CIFS'],
    [-0xac_b2be, 'CIFS'],
    [0x01021997, '9P'],
    [0xef53, null],
    [0x9123683e, null],
    [0x01021994, null],
  ])('are recognised by the number %i', (type, name) => {
    expect(networkFileSystemName(type)).toBe(name);
  });

  it.each([
    [String.raw`\\server\share\sessions.db`, true],
    [String.raw`\\wsl$\Debian\home\sessions.db`, true],
    ['//server/share/sessions.db', true],
    [String.raw`\\?\UNC\server\share\sessions.db`, true],
    [String.raw`\\?\C:\project\sessions.db`, false],
    [String.raw`C:\project\sessions.db`, false],
    [String.raw`\project\sessions.db`, false],
  ])('are recognised by a Windows path: %s', (databasePath, expected) => {
    expect(isUncPath(databasePath)).toBe(expected);
    expect(networkFolder(databasePath, 'win32')).toBe(expected ? 'Windows share' : null);
  });

  it('are recognised by the nearest existing folder', () => {
    const folder = bench.folder();
    expect(networkFolder(`${folder}/not/yet/there/sessions.db`)).toBe(networkFolder(`${folder}/sessions.db`));
    expect(networkFolder(`${folder}/sessions.db`, 'darwin')).toBeNull();
  });
});
