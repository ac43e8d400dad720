import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { LabelSource } from '../../workflow/ports/labelSource.ts';
import { createFileLabels } from './fileLabels.ts';
import { createOracleLabels } from './oracleLabels.ts';
import { createOverlayLabels } from './overlayLabels.ts';
import { bytesOf, failing, temporaryFolder } from './testing/labelFiles.ts';
import { canWriteTo } from './writability.ts';
import { chooseLabelSource, createWorkspaceLabels } from './workspaceLabels.ts';

const image = (rootPath: string, name = 'a'): { rootPath: string; relativePath: string } => ({
  rootPath,
  relativePath: `images/${name}.jpg`,
});

/** A dataset of two labelled images and one without a label. */
function dataset(): { root: string; folder: string; contents: () => Record<string, string> } {
  const folder = temporaryFolder();
  const root = join(folder, 'set');
  const labels = join(root, 'labels');
  mkdirSync(labels, { recursive: true });
  writeFileSync(join(labels, 'a.txt'), 'truth a');
  writeFileSync(join(labels, 'b.txt'), '');
  const contents = (): Record<string, string> =>
    Object.fromEntries(
      readdirSync(root, { recursive: true, encoding: 'utf8' })
        .filter((name) => name.endsWith('.txt'))
        .map((name) => [name, readFileSync(join(root, name), 'utf8')]),
    );
  return { root, folder, contents };
}

const textOf = async (source: Pick<LabelSource, 'read'>, where: ReturnType<typeof image>): Promise<string | null> =>
  (await source.read(where))?.text ?? null;

const choose = (folder: string, isWritable: (path: string) => boolean): ReturnType<typeof chooseLabelSource> =>
  chooseLabelSource({ backupFolder: join(folder, 'backups'), overlayFolder: join(folder, 'overlay'), isWritable });

describe('createOverlayLabels', () => {
  it('returns labels of the dataset until a label is written, and never writes to it', async () => {
    const { root, folder, contents } = dataset();
    const before = contents();
    const base = createFileLabels({ backupFolder: join(folder, 'backups') });
    const labels = createOverlayLabels({ base, overlayFolder: join(folder, 'overlay') });
    expect(await textOf(labels, image(root))).toBe('truth a');
    expect(await textOf(labels, image(root, 'c'))).toBeNull();
    const hash = await labels.write(image(root), bytesOf('mine'), (await base.read(image(root)))?.hash);
    expect(await labels.read(image(root))).toMatchObject({ text: 'mine', hash });
    await labels.write(image(root, 'c'), bytesOf(''));
    expect(await textOf(labels, image(root, 'c'))).toBe('');
    expect(labels.locate(image(root))).toMatch(/overlay.set-[0-9a-f]{8}.labels.a\.txt$/);
    expect(contents()).toEqual(before);
  });

  it('keeps its labels if the dataset moves, even to a writable place', async () => {
    const { root, folder } = dataset();
    const labels = choose(folder, (path) => !path.startsWith(root));
    await labels.write(image(root), bytesOf('mine'));
    const moved = join(folder, 'moved');
    renameSync(root, moved);
    await labels.moveRoot(root, moved);
    expect(await textOf(labels, image(moved))).toBe('mine');
    expect(labels.placeOf(image(moved))).toBe('overlay');
    expect(readFileSync(join(moved, 'labels', 'a.txt'), 'utf8')).toBe('truth a');
  });

  it('stores the removal of a label in the dataset', async () => {
    const { root, folder } = dataset();
    const options = {
      base: createFileLabels({ backupFolder: join(folder, 'b') }),
      overlayFolder: join(folder, 'overlay'),
    };
    expect(await createOverlayLabels(options).write(image(root), null)).toBeNull();
    expect(await createOverlayLabels(options).read(image(root))).toBeNull();
    await createOverlayLabels(options).write(image(root), bytesOf('back'), null);
    expect(await textOf(createOverlayLabels(options), image(root))).toBe('back');
    await createOverlayLabels(options).write(image(root, 'c'), bytesOf('new'));
    await createOverlayLabels(options).write(image(root, 'c'), null);
    expect(existsSync(createOverlayLabels(options).locate(image(root, 'c')))).toBe(false);
  });

  it('compares the expected hash with the label that it returns', async () => {
    const { root, folder } = dataset();
    const labels = createOverlayLabels({
      base: createFileLabels({ backupFolder: join(folder, 'b') }),
      overlayFolder: join(folder, 'overlay'),
    });
    await expect(labels.write(image(root), bytesOf('mine'), null)).rejects.toMatchObject({ code: 'changed-outside' });
    expect(await textOf(labels, image(root))).toBe('truth a');
  });

  it('distinguishes roots with the same name', () => {
    const labels = createOverlayLabels({ base: null, overlayFolder: '/overlay' });
    expect(labels.locate(image('/x/set'))).not.toBe(labels.locate(image('/y/set')));
    const keyed = createOverlayLabels({ base: null, overlayFolder: '/overlay', keyOf: () => 'root-1' });
    expect(keyed.locate(image('/y/set'))).toBe(join('/overlay', 'root-1', 'labels', 'a.txt'));
  });
});

describe('createOracleLabels', () => {
  it('hides the true labels until they are written', async () => {
    const { root, folder, contents } = dataset();
    const before = contents();
    const oracle = createOracleLabels({ overlayFolder: join(folder, 'overlay') });
    expect(await oracle.read(image(root))).toBeNull();
    expect(await oracle.reveal(image(root))).toMatchObject({ text: 'truth a' });
    expect(await oracle.reveal(image(root, 'b'))).toMatchObject({ text: '' });
    expect(await oracle.reveal(image(root, 'c'))).toBeNull();
    expect(await oracle.read(image(root))).toBeNull();
    await oracle.write(image(root), bytesOf('truth a'), null);
    expect(await textOf(oracle, image(root))).toBe('truth a');
    await oracle.write(image(root), null);
    expect(await oracle.read(image(root))).toBeNull();
    expect(contents()).toEqual(before);
  });

  it('accepts another source of true labels', async () => {
    const { root, folder } = dataset();
    const other = { bytes: bytesOf('other'), text: 'other', hash: 'h' };
    const truth = { read: async () => other };
    const oracle = createOracleLabels({ truth, overlayFolder: join(folder, 'overlay') });
    expect(await oracle.reveal(image(root, 'c'))).toEqual(other);
    const blind = createOracleLabels({ truth: { read: async () => null }, overlayFolder: join(folder, 'overlay') });
    expect(await blind.reveal(image(root))).toBeNull();
  });
});

describe('chooseLabelSource', () => {
  it('writes to the dataset if possible', async () => {
    const { root, folder, contents } = dataset();
    const labels = choose(folder, canWriteTo);
    await labels.write(image(root), bytesOf('mine'));
    expect(labels.placeOf(image(root))).toBe('files');
    expect(contents()[join('labels', 'a.txt')]).toBe('mine');
    expect(readdirSync(join(root, 'labels'))).toEqual(['a.txt', 'b.txt']);
  });

  it('writes to the overlay for each root that is read-only', async () => {
    const { root, folder, contents } = dataset();
    const before = contents();
    const labels = choose(folder, (path) => !path.startsWith(root));
    await labels.write(image(root), bytesOf('mine'));
    const other = join(folder, 'other');
    mkdirSync(other);
    await labels.write(image(other), bytesOf('theirs'));
    expect([labels.placeOf(image(root)), labels.placeOf(image(other))]).toEqual(['overlay', 'files']);
    expect(contents()).toEqual(before);
    expect(readFileSync(join(other, 'labels', 'a.txt'), 'utf8')).toBe('theirs');
    // After the dataset becomes writable, the labels of the overlay still apply.
    const later = choose(folder, () => true);
    expect(await textOf(later, image(root))).toBe('mine');
    expect(later.placeOf(image(root))).toBe('overlay');
  });

  it('creates no files in a dataset that is only read', async () => {
    const { root, folder } = dataset();
    const asked: string[] = [];
    const labels = choose(folder, (path) => asked.push(path) > 0);
    expect(await textOf(labels, image(root))).toBe('truth a');
    expect(asked).toEqual([]);
  });

  it('stores overlay and backups of a workspace in its folder', async () => {
    const { root, folder } = dataset();
    await createWorkspaceLabels(join(folder, '.active-learning')).write(image(root), bytesOf('mine'));
    expect(existsSync(join(folder, '.active-learning', 'backups', 'labels', 'manifest.jsonl'))).toBe(true);
  });

  it('writes to the overlay if a write to the dataset fails, and reports it once', async () => {
    const { root, folder, contents } = dataset();
    const before = contents();
    const said: string[] = [];
    const labels = chooseLabelSource({
      backupFolder: join(folder, 'b'),
      overlayFolder: join(folder, 'o'),
      fs: failing('EROFS', (step, path) => step === 'open' && path.startsWith(root)),
      onOverlay: (message) => said.push(message),
    });
    await labels.write(image(root), bytesOf('mine'));
    await labels.write(image(root, 'c'), bytesOf('mine'));
    expect([await textOf(labels, image(root)), await textOf(labels, image(root, 'c'))]).toEqual(['mine', 'mine']);
    expect(contents()).toEqual(before);
    expect(said).toEqual([expect.stringContaining('cannot be written to')]);
  });

  it('reports a full disk through the write', async () => {
    const { root, folder } = dataset();
    const fs = failing('ENOSPC', (step) => step === 'writeFile');
    const labels = chooseLabelSource({ backupFolder: join(folder, 'b'), overlayFolder: join(folder, 'o'), fs });
    await expect(labels.write(image(root, 'c'), bytesOf('mine'))).rejects.toMatchObject({ code: 'disk-full' });
  });
});

describe('canWriteTo', () => {
  it('checks the nearest existing folder and creates no files', () => {
    const folder = temporaryFolder();
    expect(canWriteTo(join(folder, 'not', 'there'))).toBe(true);
    expect(readdirSync(folder)).toEqual([]);
  });

  it.runIf(process.getuid?.() !== 0 && process.platform !== 'win32')('is false for a folder without permission', () => {
    const folder = temporaryFolder();
    chmodSync(folder, 0o555);
    expect(canWriteTo(folder)).toBe(false);
  });
});
