import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { parse } from 'yaml';
import { classNames } from './defects/defect.ts';
import { generateSample, type SampleReport } from './generate.ts';

// Rendering is computing: a busy machine takes its time.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const options = { seed: 7, images: 8, labelled: 4, validation: 3 };
let root: string;
let first: SampleReport;

beforeAll(async () => {
  root = await mkdtemp(path.join(os.tmpdir(), 'sample-'));
  first = await generateSample({ ...options, folder: path.join(root, 'first') });
});

afterAll(async () => {
  await rm(root, { recursive: true, force: true });
});

async function files(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => path.relative(folder, path.join(entry.parentPath, entry.name)).split(path.sep).join('/'))
    .toSorted();
}

async function digest(folder: string): Promise<Record<string, string>> {
  const result: Record<string, string> = {};
  for (const name of await files(folder)) {
    result[name] = createHash('sha256')
      .update(await readFile(path.join(folder, name)))
      .digest('hex');
  }
  return result;
}

async function rows(file: string): Promise<number[][]> {
  const lines = (await readFile(file, 'utf8')).split('\n').filter((line) => line !== '');
  return lines.map((line) => line.split(' ').map(Number));
}

describe('generateSample', () => {
  test('the same seed gives the same bytes, another seed other pictures', async () => {
    const before = await digest(first.folder);
    await generateSample({ ...options, folder: path.join(root, 'again') });
    expect(await digest(path.join(root, 'again'))).toEqual(before);

    await generateSample({
      ...options,
      images: 2,
      labelled: 1,
      validation: 1,
      seed: 8,
      folder: path.join(root, 'other'),
    });
    const other = new Set(Object.values(await digest(path.join(root, 'other'))));
    const pictures = Object.keys(before).filter((name) => name.endsWith('.jpg'));
    expect(pictures.filter((name) => other.has(before[name] ?? ''))).toEqual([]);
  });

  test('data.yaml names the splits and the classes, without a path', async () => {
    const yaml: unknown = parse(await readFile(first.dataYaml, 'utf8'));
    expect(yaml).toEqual({
      train: 'images/train',
      val: 'images/val',
      names: { 0: 'scratch', 1: 'dent', 2: 'stain', 3: 'crack' },
    });
  });

  test('each picture is labelled or has its truth kept aside, never both', async () => {
    const names = await files(first.folder);
    const stems = (prefix: string): string[] =>
      names.filter((name) => name.startsWith(prefix)).map((name) => path.posix.parse(name).name);
    const labelled = stems('labels/train/');
    const aside = stems('.truth/labels/train/');
    expect(labelled).toHaveLength(4);
    expect(stems('images/train/')).toHaveLength(8);
    expect([...labelled, ...aside].toSorted()).toEqual(stems('images/train/'));
    expect(stems('labels/val/')).toEqual(stems('images/val/'));
    expect(stems('images/val/')).toHaveLength(3);
    expect(names).toContain('README.md');
  });

  test('the report counts what the label files hold', async () => {
    for (const [group, folder, images] of [
      ['labelled', 'labels/train', 4],
      ['pool', '.truth/labels/train', 4],
      ['validation', 'labels/val', 3],
    ] as const) {
      const lists = await Promise.all(
        (await readdir(path.join(first.folder, folder))).map((name) => rows(path.join(first.folder, folder, name))),
      );
      const counted = classNames.map((_, id) => lists.flat().filter((row) => row[0] === id).length);
      expect(first[group]).toEqual({
        images,
        backgrounds: lists.filter((list) => list.length === 0).length,
        boxes: Object.fromEntries(classNames.map((name, id) => [name, counted[id]])),
      });
    }
  });

  test('boxes lie inside the picture and have an area', async () => {
    const labels = (await files(first.folder)).filter((name) => name.endsWith('.txt'));
    const all = (await Promise.all(labels.map((name) => rows(path.join(first.folder, name))))).flat();
    expect(all.length).toBeGreaterThan(4);
    for (const [id, x, y, w, h] of all as [number, number, number, number, number][]) {
      expect(classNames[id]).toBeDefined();
      expect(Math.min(w, h)).toBeGreaterThan(0.005);
      expect(x - w / 2).toBeGreaterThanOrEqual(-1e-6);
      expect(y - h / 2).toBeGreaterThanOrEqual(-1e-6);
      expect(x + w / 2).toBeLessThanOrEqual(1 + 1e-6);
      expect(y + h / 2).toBeLessThanOrEqual(1 + 1e-6);
    }
  });

  test('pictures are JPEG of 640 by 480 or 480 by 640 with something to see', async () => {
    for (const name of (await files(first.folder)).filter((file) => file.endsWith('.jpg'))) {
      const image = sharp(path.join(first.folder, name));
      const { format, width, height } = await image.metadata();
      expect([format, ...[width, height].toSorted()]).toEqual(['jpeg', 480, 640]);
      const { channels } = await image.stats();
      for (const channel of channels.slice(0, 3)) {
        expect(channel.mean).toBeGreaterThan(30);
        expect(channel.mean).toBeLessThan(215);
        expect(channel.stdev).toBeGreaterThan(8);
      }
    }
  });
});
