import { mkdtemp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { SampleProgress } from './generate.ts';
import { ensureSample } from './sampleFolder.ts';

// Rendering is slow on a busy machine.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let root: string;

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'sample-run-'));
});

afterEach(async () => {
  await rm(root, { recursive: true, force: true });
});

describe('ensureSample', () => {
  test('generates a sample, reports progress, and leaves a complete sample alone', async () => {
    const folder = path.join(root, 'made here');
    const progress: SampleProgress[] = [];
    const report = await ensureSample({ folder, seed: 1, images: 2 }, { onProgress: (step) => progress.push(step) });
    expect(report).toMatchObject({ folder, labelled: { images: 1 }, pool: { images: 1 }, validation: { images: 1 } });
    expect(progress).toEqual([1, 2, 3].map((done) => ({ done, total: 3 })));

    const names = await readdir(folder, { recursive: true });
    const [picture] = await readdir(path.join(folder, 'images/train'));
    const before = await stat(path.join(folder, 'images/train', picture ?? ''));
    await writeFile(path.join(folder, 'labels/train/mine.txt'), '0 0.5 0.5 0.1 0.1\n');
    expect(await ensureSample({ folder, seed: 1, images: 2 })).toBeUndefined();
    expect((await stat(path.join(folder, 'images/train', picture ?? ''))).mtimeMs).toBe(before.mtimeMs);
    expect(await readdir(folder, { recursive: true })).toHaveLength(names.length + 1);
  });

  test('stops when it is cancelled', async () => {
    const folder = path.join(root, 'stopped');
    const stopped = ensureSample({ folder, seed: 1, images: 30 }, { signal: AbortSignal.timeout(1) });
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(JSON.parse(await readFile(path.join(folder, '.sample.json'), 'utf8'))).toMatchObject({ complete: false });
    expect((await readdir(path.join(folder, 'images/train'))).length).toBeLessThan(10);
  });

  test('refuses a folder that contains anything else, and writes nothing', async () => {
    await writeFile(path.join(root, 'thesis.txt'), 'mine');
    await expect(ensureSample({ folder: root, seed: 1, images: 2 })).rejects.toMatchObject({
      code: 'sample-folder-taken',
      where: root,
    });
    await expect(ensureSample({ folder: path.join(root, 'thesis.txt'), seed: 1, images: 2 })).rejects.toMatchObject({
      code: 'sample-folder-taken',
    });
    expect(await readdir(root)).toEqual(['thesis.txt']);
    expect(await readFile(path.join(root, 'thesis.txt'), 'utf8')).toBe('mine');
  });

  test('refuses to replace a complete sample made with other arguments, and finishes an interrupted one', async () => {
    await writeFile(path.join(root, '.sample.json'), JSON.stringify({ format: 1, seed: 1, images: 4, complete: true }));
    await expect(ensureSample({ folder: root, seed: 1, images: 2 })).rejects.toMatchObject({ code: 'sample-differs' });

    await writeFile(
      path.join(root, '.sample.json'),
      JSON.stringify({ format: 1, seed: 1, images: 2, complete: false }),
    );
    expect(await ensureSample({ folder: root, seed: 1, images: 2 })).toMatchObject({ folder: root });
    expect(JSON.parse(await readFile(path.join(root, '.sample.json'), 'utf8'))).toMatchObject({ complete: true });
    expect(await readdir(path.join(root, 'images/train'))).toHaveLength(2);
  });

  test('a marker that cannot be read means that the folder is not ours', async () => {
    await mkdir(path.join(root, 'labels'));
    await writeFile(path.join(root, '.sample.json'), 'not json');
    await expect(ensureSample({ folder: root, seed: 1, images: 300 })).rejects.toMatchObject({
      code: 'sample-folder-taken',
    });
  });
});
