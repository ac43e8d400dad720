import {
  existsSync,
  lstatSync,
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
import { newPlugin } from '../src/adapters/plugins/newPlugin.ts';
import { createArtifacts } from '../src/adapters/files/artifactFiles.ts';
import { createClassFile } from '../src/adapters/files/dataYaml/dataYamlWriter.ts';
import { createOverlayLabels } from '../src/adapters/labels/overlayLabels.ts';
import { trainJob } from '../src/adapters/training/testing/runs.ts';
import { openWorkspace } from '../src/composition/workspace.ts';
import { productPaths } from '../src/composition/productPaths.ts';
import type { Ports } from '../src/workflow/ports/ports.ts';
import { submitVerdict } from '../src/workflow/review/verdicts.ts';
import { updateStorageMarker } from '../src/host/workspace/storageMarker.ts';
import { makeReviewWorkspace, type ReviewWorkspace } from './support/reviewWorkspace.ts';
import { toVersion5 } from './support/olderDatabase.ts';

let home = '';
let folder = '';
const storage = (...parts: string[]): string => join(folder, '.active-learning', ...parts);
const umask = process.umask();

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'al-storage-')));
  folder = join(home, 'workspace');
  mkdirSync(folder);
});

afterEach(() => {
  process.umask(umask);
  rmSync(home, { recursive: true, force: true });
});

const space = { key: 's1', dimensions: 2 };
const vectors = [{ imageId: 1, contentHash: 'a'.repeat(64), vector: Float32Array.of(1, 2) }];

/** Everything that writes into the folder, by what it is called there. */
const writers: Readonly<Record<string, (ports: Ports, made: ReviewWorkspace) => Promise<unknown>>> = {
  runs: (ports) =>
    ports.trainer.prepare(
      trainJob([
        { imageId: 1, absolutePath: join(folder, 'images', 'train', 'a.png'), labelText: '', split: 'train' },
        { imageId: 2, absolutePath: join(folder, 'images', 'train', 'b.png'), labelText: '', split: 'val' },
      ]),
    ),
  cache: async (ports) => {
    await ports.embeddings.put(space, vectors);
    await ports.embeddings.fixCentre(space, Float32Array.of(1, 2));
  },
  metrics: () => newPlugin({ id: 'mine', folder: storage('metrics'), examples: productPaths().plugin }),
  backups: async (ports, { sampleId }) => {
    // A label that was there before is kept.
    writeFileSync(join(folder, 'labels', 'train', 'pool-0.txt'), '0 0.5 0.5 0.1 0.1\n');
    await submitVerdict(ports, sampleId, { verdict: 'accepted' }, { overwriteOutsideEdit: true });
  },
  labels: () =>
    createOverlayLabels({ base: null, overlayFolder: storage('labels') }).write(
      { rootPath: folder, relativePath: 'images/train/a.png' },
      Buffer.from('0 0.5 0.5 0.1 0.1\n'),
    ),
};

async function inWorkspace(work: (ports: Ports) => Promise<unknown>): Promise<void> {
  const { ports, close } = await openWorkspace({ folder });
  try {
    await work(ports);
  } finally {
    await close();
  }
}

/** What is open to others of all that lies in the folder; files of the dataset that have a second name there do not count. */
function open(path: string): string[] {
  const facts = lstatSync(path);
  const below = facts.isDirectory() ? readdirSync(path).flatMap((name) => open(join(path, name))) : [];
  const counts = facts.isDirectory() || (facts.isFile() && facts.nlink === 1);
  return counts && (facts.mode & 0o077) !== 0 ? [path, ...below] : below;
}

describe.skipIf(process.platform === 'win32')('the folder of the sessions', { timeout: 120_000 }, () => {
  it('is private with all its files, whatever the umask', async () => {
    process.umask(0);
    const made = await makeReviewWorkspace(folder);
    await inWorkspace(async (ports) => {
      for (const write of Object.values(writers)) await write(ports, made);
      // While the database is open its helpers are there, too.
      expect(existsSync(storage('sessions.db-wal'))).toBe(true);
      expect(open(storage())).toEqual([]);
    });
    for (const name of Object.keys(writers)) expect(existsSync(storage(name)), name).toBe(true);
    const classes = createClassFile({ backupFolder: storage('backups', 'descriptions') });
    const yaml = join(folder, 'data.yaml');
    await classes.append(yaml, await classes.read(yaml), 'new');
    expect(existsSync(storage('backups', 'descriptions'))).toBe(true);
    expect(open(storage())).toEqual([]);
  });

  it('is private after a migration, including the backup', async () => {
    process.umask(0);
    await makeReviewWorkspace(folder);
    const database = new Database(storage('sessions.db'));
    database.exec(toVersion5);
    database.close();
    const { close } = await openWorkspace({ folder, trust: true });
    await close();
    expect(existsSync(storage('sessions.db.v5.bak'))).toBe(true);
    expect(open(storage())).toEqual([]);
  });

  it('does not affect dataset files and exports', async () => {
    process.umask(0o022);
    const { sampleId, labelText } = await makeReviewWorkspace(folder);
    const original = join(home, 'original');
    writeFileSync(original, 'model', { mode: 0o600 });
    await createArtifacts().publish(join(home, 'exported'), [
      { name: 'model.onnx', copyOf: original },
      { name: 'card.md', text: 'card' },
    ]);
    await inWorkspace((ports) => submitVerdict(ports, sampleId, { verdict: 'accepted' }));
    expect(labelText()).not.toBeNull();
    for (const path of [
      join(home, 'exported', 'model.onnx'),
      join(home, 'exported', 'card.md'),
      join(folder, 'labels', 'train', 'pool-0.txt'),
    ]) {
      expect([path, (statSync(path).mode & 0o777).toString(8)]).toEqual([path, '644']);
    }
    expect(readFileSync(join(home, 'exported', 'model.onnx'), 'utf8')).toBe('model');
  });
});

/** Puts what lies at a place elsewhere, and a link in its place. */
function linkAway(name: string): string {
  const victim = join(home, 'victim');
  if (existsSync(storage(name))) renameSync(storage(name), victim);
  else mkdirSync(victim);
  symlinkSync(victim, storage(name), 'junction');
  return victim;
}

describe('a link in the folder of the sessions', { timeout: 120_000 }, () => {
  it.each(Object.keys(writers))('is not written through: %s', async (name) => {
    const made = await makeReviewWorkspace(folder);
    const victim = linkAway(name);
    await inWorkspace(async (ports) => {
      await expect(writers[name]?.(ports, made)).rejects.toMatchObject({
        message: expect.stringContaining(storage(name)),
      });
    });
    expect(readdirSync(victim)).toEqual([]);
  });

  it.each(['.gitignore', 'sessions.db', 'sessions.db-wal', 'sessions.db-shm'])(
    'is refused when the folder is opened: %s',
    async (name) => {
      await makeReviewWorkspace(folder);
      const victim = join(home, 'victim');
      rmSync(storage(name), { force: true });
      writeFileSync(victim, 'precious');
      symlinkSync(victim, storage(name));
      // The database itself would be another one.
      await expect(openWorkspace({ folder, trust: true })).rejects.toMatchObject({
        code: 'storage-link',
        message: expect.stringContaining(storage(name)),
      });
      expect(readFileSync(victim, 'utf8')).toBe('precious');
    },
  );

  it('keeps images and labels of a snapshot out of other folders', async () => {
    const made = await makeReviewWorkspace(folder);
    const victim = join(home, 'victim');
    mkdirSync(victim);
    writeFileSync(join(victim, 'precious.jpg'), '');
    mkdirSync(storage('runs', 's1-i1-test', 'dataset', 'images'), { recursive: true });
    symlinkSync(victim, storage('runs', 's1-i1-test', 'dataset', 'images', 'train'), 'junction');
    await inWorkspace(async (ports) => {
      await expect(writers['runs']?.(ports, made)).rejects.toMatchObject({ code: 'storage-link' });
    });
    expect(readdirSync(victim)).toEqual(['precious.jpg']);
  });

  it('is not followed when the storage marker is written', async () => {
    const victim = join(home, 'victim');
    mkdirSync(victim);
    symlinkSync(victim, storage(), 'junction');
    await expect(updateStorageMarker(folder, join(home, 'elsewhere'))).rejects.toMatchObject({ code: 'storage-link' });
    expect(readdirSync(victim)).toEqual([]);
  });
});
