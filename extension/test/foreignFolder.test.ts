import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openWorkspace, findUntrustedFolder } from '../src/composition/workspace.ts';
import { runIteration } from '../src/workflow/iteration/runIteration.ts';
import { submitVerdict } from '../src/workflow/review/verdicts.ts';
import { al } from './support/commandLine.ts';
import { makeReviewWorkspace } from './support/reviewWorkspace.ts';
import { asSomebodyElse } from './support/somebodyElse.ts';
import { toVersion5 } from './support/olderDatabase.ts';

let home = '';

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'al-foreign-')));
});

afterEach(() => {
  rmSync(home, { recursive: true, force: true });
});

/** A workspace as a clone brings it: sessions of somebody else, and a verdict that waits to be written. */
async function clone(name = 'clone') {
  const folder = join(home, name);
  mkdirSync(folder);
  return asSomebodyElse(home, () => makeReviewWorkspace(folder, { halfVerdict: true }));
}

function change(folder: string, sql: string): void {
  const database = new Database(join(folder, '.active-learning', 'sessions.db'));
  database.exec(sql);
  database.close();
}

/** Every file below a folder with its content; SQLite's helpers come and go. */
function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(folder, name)).isFile() && !/\.db-(wal|shm)$/u.test(name));
  return Object.fromEntries(files.toSorted().map((name) => [name, readFileSync(join(folder, name), 'base64')]));
}

describe('a folder that came with its sessions, on the command line', { timeout: 120_000 }, () => {
  it.each(['status', 'samples', 'run'])(
    'is refused by "%s" with an exit code of its own, and stays as it is',
    async (command) => {
      const { folder } = await clone();
      const before = contents(folder);
      const result = await al(folder, command);
      expect(result.all).toContain('untrusted-folder');
      expect(result.all).toContain('--trust-folder');
      expect(result.all).toContain(join(folder, '.active-learning'));
      expect(result.exitCode).toBe(3);
      expect(contents(folder)).toEqual(before);
    },
  );

  it('is opened once the flag was given, and from then on without it', async () => {
    const { folder, labelText, halfVerdict } = await clone();
    expect((await al(folder, 'list', '--trust-folder')).exitCode).toBe(0);
    expect(labelText()).toBe(halfVerdict);
    const again = await al(folder, 'list', '--json');
    expect(again.exitCode).toBe(0);
    expect(JSON.parse(String(again.stdout))).toHaveLength(1);
  });

  it('names the places outside that its sessions lead to', async () => {
    const { folder } = await clone();
    const elsewhere = join(home, 'victim');
    change(folder, `UPDATE dataset_roots SET path = '${elsewhere}'`);
    change(folder, `UPDATE training_sessions SET base_model = '/home/me/base.pt'`);
    const { all } = await al(folder, 'status');
    expect(all).toContain(elsewhere);
    expect(all).toContain('/home/me/base.pt');
  });

  it('names what leads outside by a link, and what only a rescan would read; and says where there is more', async () => {
    const { folder } = await clone();
    const elsewhere = join(home, 'victim');
    mkdirSync(elsewhere);
    symlinkSync(elsewhere, join(folder, 'data'));
    change(folder, `UPDATE dataset_roots SET path = '${join(folder, 'data')}'`);
    const source = JSON.stringify({ kind: 'yaml', path: '/home/me/data.yaml', poolFolders: ['/home/me/photos'] });
    change(folder, `UPDATE datasets SET source = '${source}'`);
    const stranger = await findUntrustedFolder(folder);
    expect(stranger?.outside).toEqual([
      `${join(folder, 'data')} → ${elsewhere}`,
      '/home/me/data.yaml',
      '/home/me/photos',
    ]);
    expect(stranger?.isCut).toBe(false);
    change(
      folder,
      `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 101) INSERT INTO dataset_roots
       (dataset_id, kind, path) SELECT dataset_id, kind, path || '/' || i FROM dataset_roots, n`,
    );
    expect((await findUntrustedFolder(folder))?.isCut).toBe(true);
    await expect(open(folder)).rejects.toMatchObject({ message: expect.stringContaining('not listed') });
  });

  it('cannot keep the question waiting by a view that never ends', async () => {
    const { folder } = await clone();
    const endless = 'WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT i AS path, i AS id FROM n';
    change(folder, `ALTER TABLE dataset_roots RENAME TO hidden; CREATE VIEW dataset_roots AS ${endless}`);
    change(folder, `DROP TABLE folder_ids; CREATE VIEW folder_ids AS ${endless}`);
    expect((await al(folder, 'list')).exitCode).toBe(3);
  });

  it('says what is wrong with a file that is no database', async () => {
    mkdirSync(join(home, '.active-learning'));
    writeFileSync(
      join(home, '.active-learning', 'sessions.db'),
      'no database at all, but long enough for one'.repeat(9),
    );
    const { all, exitCode } = await al(home, 'list');
    expect(all).toContain('not-a-database');
    expect(exitCode).toBe(1);
  });

  it('is a stranger with metrics alone: no plug-in runs before trust, and an edited one asks no more', async () => {
    const metrics = join(home, '.active-learning', 'metrics');
    const marker = join(home, 'was-here');
    mkdirSync(metrics, { recursive: true });
    const plugin = (mark: string) =>
      `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(marker)}, '${mark}');
       export default { id: 'mine', compute: () => 0.5 };`;
    writeFileSync(join(metrics, 'mine.mjs'), plugin('first'));
    expect((await al(home, 'metrics')).exitCode).toBe(3);
    expect(existsSync(marker)).toBe(false);
    expect((await al(home, 'metrics', '--trust-folder')).exitCode).toBe(0);
    expect(readFileSync(marker, 'utf8')).toBe('first');
    writeFileSync(join(metrics, 'mine.mjs'), plugin('edited'));
    expect((await al(home, 'metrics')).exitCode).toBe(0);
    expect(readFileSync(marker, 'utf8')).toBe('edited');
  });

  it('is not asked about where there is nothing yet', async () => {
    expect((await al(home, 'list')).exitCode).toBe(0);
    expect((await al(home, 'list')).exitCode).toBe(0);
  });
});

/** Opens the sessions of a folder. @returns how many there are. */
async function open(folder: string, trust = false): Promise<number> {
  const { ports, close } = await openWorkspace({ folder, trust });
  const sessions = await ports.store.sessions.list();
  await close();
  return sessions.length;
}

describe('a folder of this user', { timeout: 120_000 }, () => {
  it('asks once after it was moved or copied, and loses nothing', async () => {
    const folder = join(home, 'made here');
    mkdirSync(folder);
    await makeReviewWorkspace(folder);
    expect(await open(folder)).toBe(1);
    const [copy, moved] = [join(home, 'copy'), join(home, 'moved')];
    cpSync(folder, copy, { recursive: true });
    renameSync(folder, moved);
    for (const place of [copy, moved]) {
      await expect(open(place)).rejects.toMatchObject({ code: 'untrusted-folder' });
      expect(await open(place, true)).toBe(1);
      expect(await open(place)).toBe(1);
    }
  });

  it('asks once when an older version made it', async () => {
    const { folder } = await clone();
    change(folder, toVersion5);
    await expect(open(folder)).rejects.toMatchObject({ code: 'untrusted-folder' });
    expect(await open(folder, true)).toBe(1);
    expect(await open(folder)).toBe(1);
  });

  it('is distinguished from another one at the same place', async () => {
    const folder = join(home, 'place');
    mkdirSync(folder);
    expect(await open(folder)).toBe(0);
    rmSync(folder, { recursive: true });
    renameSync((await clone()).folder, folder);
    await expect(open(folder)).rejects.toMatchObject({ code: 'untrusted-folder' });
    // So is an empty database, or one without tables, beside metrics: it says of itself what a new one does.
    const database = join(folder, '.active-learning', 'sessions.db');
    mkdirSync(join(folder, '.active-learning', 'metrics'), { recursive: true });
    for (const kind of ['empty', 'without tables']) {
      rmSync(database, { force: true });
      if (kind === 'empty') writeFileSync(database, '');
      else {
        const made = new Database(database);
        made.exec('CREATE TABLE t (x); DROP TABLE t');
        made.close();
      }
      await expect(open(folder)).rejects.toMatchObject({ code: 'untrusted-folder' });
    }
    // Metrics alone at a known place are a stranger's, too.
    rmSync(join(folder, '.active-learning'), { recursive: true });
    mkdirSync(join(folder, '.active-learning', 'metrics'), { recursive: true });
    await expect(open(folder)).rejects.toMatchObject({ code: 'untrusted-folder' });
  });

  it('may be a link that the user trusted, until it leads elsewhere', async () => {
    const folder = join(home, 'linked');
    const disks = [join(home, 'disk one'), join(home, 'disk two')] as const;
    for (const path of [folder, ...disks]) mkdirSync(path);
    symlinkSync(disks[0], join(folder, '.active-learning'), 'junction');
    await expect(open(folder)).rejects.toMatchObject({
      code: 'untrusted-folder',
      message: expect.stringContaining(disks[0]),
    });
    expect(readdirSync(disks[0])).toEqual([]);
    expect(await open(folder, true)).toBe(0);
    expect(await open(folder)).toBe(0);
    cpSync(disks[0], disks[1], { recursive: true });
    rmSync(join(folder, '.active-learning'));
    symlinkSync(disks[1], join(folder, '.active-learning'), 'junction');
    await expect(open(folder)).rejects.toMatchObject({ code: 'untrusted-folder' });
  });

  it('keeps the models of earlier runs once it is trusted', async () => {
    const { folder } = await clone();
    const weights = join(folder, '.active-learning', 'runs', 's1-i1-a', 'weights');
    mkdirSync(weights, { recursive: true });
    writeFileSync(join(weights, 'best.pt'), 'trained there');
    const key = join(home, 'id_rsa');
    writeFileSync(key, 'secret');
    symlinkSync(key, join(weights, 'last.pt'));
    const { ports, close } = await openWorkspace({ folder, trust: true });
    expect(await ports.knownFiles.isKnown(join(weights, 'best.pt'), 'run')).toBe(true);
    expect(await ports.knownFiles.isKnown(join(weights, 'last.pt'))).toBe(false);
    await close();
  });
});

describe('sessions that are only looked at', { timeout: 120_000 }, () => {
  it('write nothing, and lead to no file outside the folders that the user sees', async () => {
    const { folder, sessionId, sampleId } = await clone();
    const victim = join(home, 'victim');
    mkdirSync(join(victim, 'labels', 'train'), { recursive: true });
    writeFileSync(join(victim, 'labels', 'train', 'pool-0.txt'), '0 0.5 0.5 0.1 0.1\n');
    writeFileSync(join(folder, 'labels', 'train', 'pool-0.txt'), '0 0.2 0.2 0.1 0.1\n');
    const { ports, close } = await openWorkspace({ folder, browseOnly: true });
    const inside = { rootPath: folder, relativePath: 'images/train/pool-0.png' };
    expect(await ports.labels.read(inside)).not.toBeNull();
    expect(await ports.labels.read({ ...inside, rootPath: victim })).toBeNull();
    rmSync(join(folder, 'labels', 'train', 'pool-0.txt'));
    symlinkSync(join(victim, 'labels', 'train', 'pool-0.txt'), join(folder, 'labels', 'train', 'pool-0.txt'));
    expect(await ports.labels.read(inside)).toBeNull();
    await expect(submitVerdict(ports, sampleId, { verdict: 'accepted' })).rejects.toMatchObject({ code: 'read-only' });
    await expect(runIteration(ports, sessionId)).rejects.toMatchObject({ code: 'read-only' });
    await close();
  });

  it('name no process and no result of theirs', async () => {
    const { folder } = await clone();
    const run = join(folder, '.active-learning', 'runs', 'x');
    mkdirSync(run, { recursive: true });
    writeFileSync(join(run, 'config.json'), JSON.stringify({ schema: 1, run: 'x', nonce: 'n' }));
    writeFileSync(join(run, 'pid'), JSON.stringify({ pid: process.pid, startTime: '', nonce: 'n' }));
    const { ports, close } = await openWorkspace({ folder, browseOnly: true });
    expect(await ports.trainer.isAlive('x')).toBe(false);
    expect(await ports.trainer.result('x')).toBeNull();
    await close();
  });
});
