import { existsSync } from 'node:fs';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { DatasetSource, ImageState } from '../../src/core/dataset/types.ts';
import { rescanDataset, setPoolFolders } from '../../src/workflow/dataset/datasets.ts';
import { runIteration } from '../../src/workflow/iteration/runIteration.ts';
import { finishReview } from '../../src/workflow/review/finishReview.ts';
import { submitVerdict } from '../../src/workflow/review/verdicts.ts';
import { createSession } from '../../src/workflow/session/sessions.ts';
import { makePaintedDataset, paintObjects, rowOf } from '../support/fakePorts.ts';
import { bench, faint, labelled, settings, sure, unsure, useWorkspaces } from '../support/useCaseBench.ts';

useWorkspaces();

/** A pool folder beside the dataset, with pictures of these names. */
async function makePool(folder: string, names: readonly string[]): Promise<string> {
  const path = join(bench().root, folder);
  await mkdir(path, { recursive: true });
  // Other pictures than those of the dataset, and than one another.
  for (const [index, name] of names.entries()) {
    await paintObjects(join(path, `${name}.png`), [unsure], 1000 + folder.length * 50 + index);
  }
  return path;
}

const makeDataset = (): Promise<string> =>
  makePaintedDataset(bench().data, { a: labelled, b: labelled, c: labelled, d: { spots: [faint] } });

/** The state of every image, by its name. */
async function states(): Promise<Record<string, ImageState>> {
  const images = await bench().ports.store.images.find({ datasetId: 1 });
  return Object.fromEntries(images.map(({ relativePath, state }) => [relativePath.replace(/.*\/|\.png$/g, ''), state]));
}

const folderSource = (classNames: readonly string[], poolFolders: readonly string[] = []): DatasetSource => ({
  kind: 'folder',
  path: join(bench().data, 'images'),
  classNames,
  poolFolders,
});

describe('a second session over the same dataset', () => {
  test('leaves the pool of the first alone, and adds its own folders to it', async () => {
    const { ports } = bench();
    const path = await makeDataset();
    const [one, two] = [await makePool('pool', ['p', 'q']), await makePool('pool two', ['r'])];
    const first = await createSession(ports, { kind: 'yaml', path, poolFolders: [one] }, settings);
    const second = await createSession(ports, { kind: 'yaml', path, poolFolders: [] }, { ...settings, name: 'Two' });
    expect(second.session.datasetId).toBe(first.session.datasetId);
    expect(second.scan.missing).toBe(0);
    await createSession(ports, { kind: 'yaml', path, poolFolders: [two] }, { ...settings, name: 'Three' });
    expect((await ports.store.datasets.get(1))?.source.poolFolders).toEqual([one, two]);
    expect(await states()).toMatchObject({ p: 'unlabelled', q: 'unlabelled', r: 'unlabelled', d: 'unlabelled' });
  });

  test('may append classes to those of a folder, and name them again or not at all', async () => {
    const { ports } = bench();
    await makeDataset();
    await createSession(ports, folderSource(['red', 'green']), settings);
    await createSession(ports, folderSource(['red', 'green', 'blue']), { ...settings, name: 'Two' });
    expect(await ports.store.datasets.get(1)).toMatchObject({
      classNames: ['red', 'green', 'blue'],
      source: { classNames: ['red', 'green', 'blue'] },
    });
    const { scan } = await createSession(ports, folderSource([]), { ...settings, name: 'Three' });
    expect(scan.dataset.classNames).toEqual(['red', 'green', 'blue']);
    expect(await ports.store.datasets.list()).toHaveLength(1);
  });

  test.each([
    ['another order', ['green', 'red'], 'classes-reordered'],
    ['fewer', ['red'], 'classes-reordered'],
    ['other names', ['car', 'person'], 'classes-renamed'],
  ])('with %s of classes is refused before anything is stored', async (_, classNames, code) => {
    const { ports } = bench();
    await makeDataset();
    const pool = await makePool('pool', ['p']);
    await createSession(ports, folderSource(['red', 'green'], [pool]), settings);
    const before = await ports.store.datasets.get(1);
    const refused = createSession(ports, folderSource(classNames), { ...settings, name: 'Two' });
    await expect(refused).rejects.toMatchObject({ code, message: expect.stringContaining('red, green') });
    expect(await ports.store.datasets.get(1)).toEqual(before);
    expect(await ports.store.sessions.list()).toHaveLength(1);
    // The first session goes on as if nothing had been asked.
    expect(await rescanDataset(ports, 1)).toMatchObject({ missing: 0, added: 0 });
  });

  test('with a pool folder that is not there changes nothing', async () => {
    const { ports, root } = bench();
    const path = await makeDataset();
    await createSession(ports, { kind: 'yaml', path, poolFolders: [] }, settings);
    const before = await ports.store.datasets.get(1);
    const wrong = { kind: 'yaml' as const, path, poolFolders: [join(root, 'nowhere')] };
    await expect(createSession(ports, wrong, { ...settings, name: 'Two' })).rejects.toMatchObject({
      code: 'folder-missing',
    });
    expect(await ports.store.datasets.get(1)).toEqual(before);
  });
});

describe('pool folders', () => {
  test('are taken out and put back without losing labels, verdicts or history', async () => {
    const { ports } = bench();
    const path = await makeDataset();
    const pool = await makePool('pool', ['p', 'q', 'r']);
    const dataset = { kind: 'yaml', path, poolFolders: [pool] } as const;
    const { session } = await createSession(ports, dataset, { ...settings, maxSamplesPerIteration: 4 });
    const iteration = await runIteration(ports, session.id);
    const images = await ports.store.images.find({ datasetId: 1 });
    const sampleOf = async (name: string): Promise<number> => {
      const image = images.find(({ relativePath }) => relativePath === `${name}.png`);
      const samples = await ports.store.samples.list(iteration.id);
      return samples.find(({ imageId }) => imageId === image?.id)?.id ?? 0;
    };
    await submitVerdict(ports, await sampleOf('p'), { verdict: 'accepted' });
    await submitVerdict(ports, await sampleOf('q'), { verdict: 'rejected-unusable' });
    const before = await states();
    expect(before).toMatchObject({ p: 'labelled', q: 'unusable', r: 'unlabelled' });

    const taken = await setPoolFolders(ports, 1, []);
    expect(taken).toMatchObject({ missing: 3, added: 0 });
    expect(await states()).toMatchObject({ p: 'missing', q: 'missing', r: 'missing', d: 'unlabelled' });
    expect(existsSync(join(pool, 'p.txt'))).toBe(true);

    const back = await setPoolFolders(ports, 1, [pool, pool]);
    expect(back).toMatchObject({ missing: 0, added: 0, labelsChangedOutside: 0 });
    expect(back.dataset.source.poolFolders).toEqual([pool]);
    expect(await states()).toEqual(before);
    const labelledImage = images.find(({ relativePath }) => relativePath === 'p.png')?.id ?? 0;
    expect((await ports.store.labelEvents.history(labelledImage)).map(({ cause }) => cause)).toEqual(['verdict']);
  });

  test('lose no verdict on an image that cannot be read for a while', async () => {
    const { ports } = bench();
    const path = await makeDataset();
    const pool = await makePool('pool', ['p', 'q', 'r']);
    const dataset = { kind: 'yaml', path, poolFolders: [pool] } as const;
    const { session } = await createSession(ports, dataset, { ...settings, maxSamplesPerIteration: 4 });
    const iteration = await runIteration(ports, session.id);
    const images = await ports.store.images.find({ datasetId: 1 });
    const samples = await ports.store.samples.list(iteration.id);
    const verdicts = { p: 'rejected-unusable', q: 'rejected-later' } as const;
    for (const [name, verdict] of Object.entries(verdicts)) {
      const image = images.find(({ relativePath }) => relativePath === `${name}.png`);
      const sample = samples.find(({ imageId }) => imageId === image?.id);
      await submitVerdict(ports, sample?.id ?? 0, { verdict });
    }
    const before = await states();
    expect(before).toMatchObject({ p: 'unusable', q: 'later', r: 'unlabelled' });
    const paths = ['p', 'q', 'r'].map((name) => join(pool, `${name}.png`));
    const pictures = await Promise.all(paths.map((file) => readFile(file)));
    for (const file of paths) await writeFile(file, 'half a picture');
    await rescanDataset(ports, 1);
    expect(await states()).toMatchObject({ p: 'broken', q: 'broken', r: 'broken' });
    for (const [index, file] of paths.entries()) await writeFile(file, pictures[index] ?? '');
    await rescanDataset(ports, 1);
    expect(await states()).toEqual(before);
  });

  test('stay as they are where one is not there, or an iteration runs', async () => {
    const { ports, root } = bench();
    const path = await makeDataset();
    const pool = await makePool('pool', ['p']);
    await createSession(ports, { kind: 'yaml', path, poolFolders: [pool] }, settings);
    await expect(setPoolFolders(ports, 1, [join(root, 'nowhere')])).rejects.toMatchObject({ code: 'folder-missing' });
    await ports.store.leases.acquire('training', ports.system.owner);
    await expect(setPoolFolders(ports, 1, [])).rejects.toMatchObject({ code: 'busy-elsewhere' });
    expect((await ports.store.datasets.get(1))?.source.poolFolders).toEqual([pool]);
    expect(await states()).toMatchObject({ p: 'unlabelled' });
  });

  test('keep what was set aside for validation: no scan hands it to the training', async () => {
    const { ports, training } = bench();
    const path = await makePaintedDataset(bench().data, { d: { spots: [faint] }, e: { spots: [sure] } });
    const pool = await makePool('pool', ['p', 'q', 'r', 's', 't']);
    for (const name of ['p', 'q', 'r', 's', 't']) await writeFile(join(pool, `${name}.txt`), `${rowOf(unsure)}\n`);
    const { session } = await createSession(ports, { kind: 'yaml', path, poolFolders: [pool] }, settings);
    const iteration = await runIteration(ports, session.id);
    const before = await ports.store.datasets.latestRevision(1);
    expect(before?.members).toHaveLength(1);
    await rescanDataset(ports, 1);
    for (const { id } of await ports.store.samples.list(iteration.id)) {
      await submitVerdict(ports, id, { verdict: 'rejected-background' });
    }
    await finishReview(ports, iteration.id);
    await runIteration(ports, session.id);
    expect((await ports.store.datasets.latestRevision(1))?.id).toBe(before?.id);
    const trained = training.trainings[1]?.images
      .filter(({ split }) => split === 'train')
      .map(({ imageId }) => imageId);
    expect(trained).not.toContain(before?.members[0]?.imageId);
  });

  test('an image that was away for a while keeps its verdict', async () => {
    const { ports, data } = bench();
    const path = await makePaintedDataset(data, { a: { spots: [sure] }, b: { spots: [unsure] } });
    const { session } = await createSession(ports, { kind: 'yaml', path, poolFolders: [] }, settings);
    const iteration = await runIteration(ports, session.id);
    for (const { id } of await ports.store.samples.list(iteration.id)) {
      await submitVerdict(ports, id, { verdict: 'rejected-later' });
    }
    const file = join(data, 'images', 'train', 'a.png');
    await rename(file, `${file}.away`);
    expect(await rescanDataset(ports, 1)).toMatchObject({ missing: 1 });
    await rename(`${file}.away`, file);
    await rescanDataset(ports, 1);
    expect(await states()).toEqual({ a: 'later', b: 'later' });
  });
});
