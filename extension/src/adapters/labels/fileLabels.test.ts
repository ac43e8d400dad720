import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ImageLocation } from '../../workflow/ports/labelSource.ts';
import type { BackupEntry } from './backups.ts';
import { createFileLabels } from './fileLabels.ts';
import { encodeLabelText } from '../../core/dataset/labelText.ts';
import { bytesOf, failing, temporaryFolder } from './testing/labelFiles.ts';

function setUp(relativePath = 'images/train/a.jpg'): {
  image: ImageLocation;
  path: string;
  backupFolder: string;
  put: (content: string | Uint8Array) => void;
  manifest: () => BackupEntry[];
} {
  const folder = temporaryFolder();
  const rootPath = join(folder, 'set');
  const backupFolder = join(folder, 'backups');
  const image = { rootPath, relativePath };
  const path = createFileLabels({ backupFolder }).locate(image);
  return {
    image,
    path,
    backupFolder,
    put: (content) => {
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, content);
    },
    manifest: () =>
      readFileSync(join(backupFolder, 'manifest.jsonl'), 'utf8')
        .split('\n')
        .flatMap((line) => (line === '' ? [] : [JSON.parse(line) as BackupEntry])),
  };
}

const hash = (content: string | Uint8Array): string => createHash('sha256').update(content).digest('hex');

describe('createFileLabels', () => {
  it.each([
    'images/train/a.jpg',
    'pictures/a b.png',
    'images/ä#%20 "q" <x>\'.jpeg',
    'images/e\u0301.jpg',
    'images/é.jpg',
  ])('reads what it wrote for %s', async (relativePath) => {
    const { image, path, backupFolder } = setUp(relativePath);
    const labels = createFileLabels({ backupFolder });
    expect(await labels.read(image)).toBeNull();
    const text = '0 0.5 0.5 0.1 0.1\r\n# ü';
    expect(await labels.write(image, bytesOf(text))).toBe(hash(text));
    expect(await labels.read(image)).toMatchObject({ text, hash: hash(text) });
    expect(readFileSync(path, 'utf8')).toBe(text);
  });

  it("finds labels by Ultralytics' rule", () => {
    const labels = createFileLabels({ backupFolder: '/b' });
    expect(labels.locate({ rootPath: '/d/images', relativePath: 'train/a.jpg' })).toBe('/d/labels/train/a.txt');
    expect(labels.locate({ rootPath: '/d', relativePath: 'a.jpg' })).toBe('/d/a.txt');
  });

  it('distinguishes an empty file from a missing one', async () => {
    const { image, path, backupFolder } = setUp();
    const labels = createFileLabels({ backupFolder });
    await labels.write(image, bytesOf(''));
    expect(await labels.read(image)).toMatchObject({ text: '', hash: hash('') });
    expect(await labels.write(image, null)).toBeNull();
    expect(await labels.read(image)).toBeNull();
    expect(existsSync(path)).toBe(false);
  });

  it('does not overwrite unexpected contents', async () => {
    const { image, put, path, backupFolder } = setUp();
    const labels = createFileLabels({ backupFolder });
    put('outside');
    await expect(labels.write(image, bytesOf('mine'), null)).rejects.toMatchObject({
      code: 'changed-outside',
      where: path,
      message: /appeared outside/,
    });
    await expect(labels.write(image, bytesOf('mine'), hash('other'))).rejects.toMatchObject({
      message: /was changed outside/,
    });
    await expect(labels.write(image, null, hash('other'))).rejects.toMatchObject({ code: 'changed-outside' });
    expect(readFileSync(path, 'utf8')).toBe('outside');
    expect(await labels.write(image, bytesOf('mine'), hash('outside'))).toBe(hash('mine'));
    rmSync(path);
    await expect(labels.write(image, bytesOf('again'), hash('mine'))).rejects.toMatchObject({
      message: /was removed outside/,
    });
    expect(await labels.write(image, bytesOf('again'), null)).toBe(hash('again'));
  });

  it('accepts only one of two writes that expect the same hash', async () => {
    const { image, backupFolder } = setUp();
    const labels = createFileLabels({ backupFolder });
    const results = await Promise.allSettled(['a', 'b', 'c'].map((text) => labels.write(image, bytesOf(text), null)));
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect((await labels.read(image))?.text).toBe('a');
  });

  it('keeps one copy of the original before the first write, also across windows', async () => {
    const { image, path, put, backupFolder, manifest } = setUp();
    put('the original');
    await createFileLabels({ backupFolder }).write(image, bytesOf('first'));
    await createFileLabels({ backupFolder }).write(image, null);
    await createFileLabels({ backupFolder }).write(image, bytesOf('third'));
    expect(manifest()).toMatchObject([{ original: path, sha256: hash('the original') }]);
    const [entry] = manifest();
    expect(readFileSync(join(backupFolder, entry?.backup ?? ''), 'utf8')).toBe('the original');
    expect(entry?.backup).toBe(`files${path}`);
  });

  it('never mistakes its own text for the original', async () => {
    const { image, backupFolder, manifest } = setUp();
    await createFileLabels({ backupFolder }).write(image, bytesOf('mine'));
    await createFileLabels({ backupFolder }).write(image, bytesOf('mine too'));
    expect(manifest()).toMatchObject([{ backup: null, sha256: null }]);
    expect(existsSync(join(backupFolder, 'files'))).toBe(false);
  });

  it('continues after a crash left the manifest incomplete', async () => {
    const { image, put, backupFolder, manifest } = setUp();
    put('the original');
    mkdirSync(backupFolder, { recursive: true });
    writeFileSync(join(backupFolder, 'manifest.jsonl'), '{"original":"/x","back');
    await createFileLabels({ backupFolder }).write(image, bytesOf('mine'));
    writeFileSync(
      join(backupFolder, 'manifest.jsonl'),
      readFileSync(join(backupFolder, 'manifest.jsonl'), 'utf8').split('\n').slice(1).join('\n'),
    );
    expect(manifest()).toHaveLength(1);
  });

  it('does not touch the label if the backup fails', async () => {
    const { image, path, put, backupFolder } = setUp();
    put('the original');
    const full = failing('ENOSPC', (step, where) => step === 'writeFile' && where.startsWith(backupFolder));
    await expect(createFileLabels({ backupFolder, fs: full }).write(image, bytesOf('mine'))).rejects.toMatchObject({
      code: 'disk-full',
    });
    expect(readFileSync(path, 'utf8')).toBe('the original');
    // With space available, the backup succeeds.
    await createFileLabels({ backupFolder }).write(image, bytesOf('mine'));
    expect(readFileSync(join(backupFolder, `files${path}`), 'utf8')).toBe('the original');
  });

  it('preserves bytes that are invalid UTF-8', async () => {
    const { image, path, put, backupFolder } = setUp();
    const original = Buffer.from([0x23, 0xe9, 0xff, 0xc3, 0x28, 0x0a, 0x30, 0x0a, 0x80]);
    put(original);
    const labels = createFileLabels({ backupFolder });
    const content = await labels.read(image);
    expect(content?.hash).toBe(hash(original));
    expect(await labels.write(image, encodeLabelText(content?.text ?? ''))).toBe(hash(original));
    expect(readFileSync(path)).toEqual(original);
    await labels.write(image, encodeLabelText(`${content?.text}\n# ü`));
    expect(readFileSync(path)).toEqual(Buffer.concat([original, Buffer.from('\n# ü')]));
  });

  it('keeps a byte-order mark', async () => {
    const { image, path, put, backupFolder } = setUp();
    put('\uFEFF0 .5 .5 .1 .1\n');
    const labels = createFileLabels({ backupFolder });
    const content = await labels.read(image);
    expect(content?.text.startsWith('\uFEFF')).toBe(true);
    await labels.write(image, bytesOf(`${content?.text}# x\n`));
    expect(readFileSync(path, 'utf8')).toBe('\uFEFF0 .5 .5 .1 .1\n# x\n');
  });

  it('reports unreadable files', async () => {
    const { image, path, backupFolder } = setUp();
    mkdirSync(path, { recursive: true });
    const labels = createFileLabels({ backupFolder });
    await expect(labels.read(image)).rejects.toMatchObject({
      code: 'unreadable',
      where: path,
      message: /it is a folder/,
    });
    const denied = createFileLabels({ backupFolder, fs: failing('EACCES', (step) => step === 'readFile') });
    await expect(denied.read(image)).rejects.toMatchObject({ code: 'unreadable', hint: /permissions/ });
  });

  it('rejects paths outside the root', async () => {
    const { image, backupFolder } = setUp();
    const labels = createFileLabels({ backupFolder });
    for (const relativePath of ['../a.jpg', 'images/../../a.jpg', '/etc/a.jpg', '']) {
      await expect(labels.read({ ...image, relativePath })).rejects.toMatchObject({ code: 'outside-root' });
    }
    expect(readdirSync(dirname(image.rootPath))).toEqual([]);
  });
});
