import { mkdtemp, mkdir, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { runSample } from './sampleFolder.ts';

// Rendering is computing: a busy machine takes its time.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

let root: string;
let output: string[];

beforeEach(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'sample-run-'));
  output = [];
  vi.spyOn(process.stdout, 'write').mockImplementation((text) => {
    output.push(String(text));
    return true;
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await rm(root, { recursive: true, force: true });
});

describe('runSample', () => {
  test('generates, says so, and leaves a complete sample alone', async () => {
    const folder = path.join(root, 'made here');
    expect(await runSample(['--out', folder, '--images', '2'])).toBe(0);
    expect(output.join('')).toContain('3 of 3 images');
    expect(output.join('')).toContain(`Sample project is ready in ${folder}\n`);

    const names = await readdir(folder, { recursive: true });
    const [picture] = await readdir(path.join(folder, 'images/train'));
    const before = await stat(path.join(folder, 'images/train', picture ?? ''));
    await writeFile(path.join(folder, 'labels/train/mine.txt'), '0 0.5 0.5 0.1 0.1\n');
    output = [];
    expect(await runSample(['--out', folder, '--images', '2'])).toBe(0);
    expect(output).toEqual([`Sample project is ready in ${folder}\n`]);
    expect((await stat(path.join(folder, 'images/train', picture ?? ''))).mtimeMs).toBe(before.mtimeMs);
    expect(await readdir(folder, { recursive: true })).toHaveLength(names.length + 1);
  });

  test('stops when it is asked to', async () => {
    const folder = path.join(root, 'stopped');
    const stopped = runSample(['--out', folder, '--images', '30'], AbortSignal.timeout(1));
    await expect(stopped).rejects.toMatchObject({ code: 'cancelled' });
    expect(output.join('')).not.toContain('ready');
    expect(JSON.parse(await readFile(path.join(folder, '.sample.json'), 'utf8'))).toMatchObject({ complete: false });
    expect((await readdir(path.join(folder, 'images/train'))).length).toBeLessThan(10);
  });

  test('refuses a folder that holds anything else and writes nothing', async () => {
    await writeFile(path.join(root, 'thesis.txt'), 'mine');
    await expect(runSample(['--out', root, '--images', '2'])).rejects.toMatchObject({
      code: 'sample-folder-taken',
      where: root,
    });
    await expect(runSample(['--out', path.join(root, 'thesis.txt')])).rejects.toMatchObject({
      code: 'sample-folder-taken',
    });
    expect(await readdir(root)).toEqual(['thesis.txt']);
    expect(await readFile(path.join(root, 'thesis.txt'), 'utf8')).toBe('mine');
  });

  test('refuses to replace a complete sample of other arguments, finishes a broken-off one', async () => {
    await writeFile(path.join(root, '.sample.json'), JSON.stringify({ format: 1, seed: 1, images: 4, complete: true }));
    await expect(runSample(['--out', root, '--images', '2'])).rejects.toMatchObject({ code: 'sample-differs' });

    await writeFile(
      path.join(root, '.sample.json'),
      JSON.stringify({ format: 1, seed: 1, images: 2, complete: false }),
    );
    expect(await runSample(['--out', root, '--images', '2'])).toBe(0);
    expect(JSON.parse(await readFile(path.join(root, '.sample.json'), 'utf8'))).toMatchObject({ complete: true });
    expect(await readdir(path.join(root, 'images/train'))).toHaveLength(2);
  });

  test('a marker that cannot be read counts as somebody else’s folder', async () => {
    await mkdir(path.join(root, 'labels'));
    await writeFile(path.join(root, '.sample.json'), 'not json');
    await expect(runSample(['--out', root])).rejects.toMatchObject({ code: 'sample-folder-taken' });
  });

  test.each([[['--images', 'many']], [['--seed', '-1']], [['--size', '3']], [['extra']]])(
    'refuses the arguments %j',
    async (args) => {
      await expect(runSample(args)).rejects.toMatchObject({ code: 'sample-arguments' });
    },
  );
});
