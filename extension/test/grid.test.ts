import { rm, writeFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import { gridContext, type GridContext } from '../src/workflow/grid/gridContext.ts';
import { gridImages, type GridQuery } from '../src/workflow/grid/gridImages.ts';
import { gridRows } from '../src/workflow/grid/gridRows.ts';
import { LabelClasses } from '../src/workflow/grid/labelClasses.ts';
import { rescanDataset } from '../src/workflow/dataset/datasets.ts';
import { submitVerdict } from '../src/workflow/review/verdicts.ts';
import { bench, imageName, labelPath, reviewing, useWorkspaces, type Reviewing } from './support/useCaseBench.ts';

useWorkspaces('grid-');

const everything: GridQuery = {
  source: 'all',
  images: [],
  classId: null,
  verdict: null,
  split: null,
  folder: null,
  order: 'path',
  reversed: false,
};
const labelClasses = new LabelClasses();

/** The names of the images of a query, with the value that decides the order. */
async function listed(context: GridContext, query: Partial<GridQuery>): Promise<[string, number | null][]> {
  const { ports } = bench();
  const { ids, values } = await gridImages(ports, context, { ...everything, ...query }, labelClasses);
  const names: [string, number | null][] = [];
  for (const [row, id] of ids.entries()) {
    const image = await ports.store.images.get(id);
    names.push([image === null ? '' : imageName(image), values?.[row] ?? null]);
  }
  return names;
}

const namesOf = async (context: GridContext, query: Partial<GridQuery>): Promise<string[]> =>
  (await listed(context, query)).map(([name]) => name);

const sampleNamed = ({ samples, names }: Reviewing, name: string): number => {
  const sample = samples[names.indexOf(name)];
  if (sample === undefined) throw new Error(`${name} is no sample.`);
  return sample.id;
};

test('lists the batch in its order, the pool, the labelled images and all', async () => {
  const { ports } = bench();
  const review = await reviewing();
  const context = await gridContext(ports, review.sessionId);
  expect(context.isOpen).toBe(true);
  expect(await namesOf(context, { source: 'batch', order: 'source' })).toEqual(review.names);
  expect(await namesOf(context, { source: 'batch' })).toEqual(review.names.toSorted());
  expect(await namesOf(context, { source: 'pool' })).toEqual(['pool sure', 'pool unsure', 'pool-empty']);
  expect(await namesOf(context, { source: 'labelled' })).toEqual(['a', 'b', 'c', 'd', 'e']);
  expect(await namesOf(context, { reversed: true })).toEqual(
    ['a', 'b', 'c', 'd', 'e', 'pool sure', 'pool unsure', 'pool-empty'].toReversed(),
  );
  const [first, second] = review.samples.map(({ imageId }) => imageId);
  expect(await namesOf(context, { source: 'list', images: [second ?? 0, 4711, first ?? 0], order: 'source' })).toEqual([
    review.names[1],
    review.names[0],
  ]);
});

test('filters by verdict, split and folder', async () => {
  const { ports } = bench();
  const review = await reviewing();
  await submitVerdict(ports, sampleNamed(review, 'pool sure'), { verdict: 'accepted' });
  const context = await gridContext(ports, review.sessionId);
  expect(await namesOf(context, { verdict: 'accepted' })).toEqual(['pool sure']);
  expect(await namesOf(context, { source: 'batch', verdict: 'none' })).toEqual(['pool unsure', 'pool-empty']);
  expect(await namesOf(context, { source: 'pool', verdict: 'none' })).toEqual(['pool unsure', 'pool-empty']);
  const validation = await namesOf(context, { split: 'val' });
  expect(validation).not.toContain('pool unsure');
  expect((await namesOf(context, { split: 'train' })).length + validation.length).toBe(8);
  expect(await namesOf(context, { source: 'pool', split: 'val' })).toEqual([]);
  const [folder] = await ports.store.images.folders(context.dataset.id);
  if (folder === undefined) throw new Error('The dataset has a folder.');
  expect(folder.images).toBe(8);
  expect(await namesOf(context, { folder })).toHaveLength(8);
  expect(await namesOf(context, { folder: { ...folder, path: `${folder.path}no/` } })).toEqual([]);
});

test('filters by class: by labels, by the shown boxes of the batch, and by what the model expects', async () => {
  const { ports } = bench();
  const review = await reviewing();
  const context = await gridContext(ports, review.sessionId);
  expect(await namesOf(context, { classId: 0 })).toEqual(['a', 'b', 'c', 'd', 'e', 'pool sure']);
  expect(await namesOf(context, { classId: 1 })).toEqual(['pool unsure']);
  // Without a batch, by the expected objects.
  expect(await namesOf({ ...context, batch: [], iteration: null }, { classId: 1 })).toEqual(['pool unsure']);
  // A class that nobody has seen before, once its file was read again.
  await writeFile(labelPath('a'), '2 0.5 0.5 0.1 0.1\n');
  await rescanDataset(ports, context.dataset.id);
  expect(await namesOf(context, { source: 'labelled', classId: 2 })).toEqual(['a']);
});

test('sorts by a score or a class, the highest first or last, and images without a value at the end', async () => {
  const { ports } = bench();
  const review = await reviewing();
  const context = await gridContext(ports, review.sessionId);
  const order = { kind: 'score', metric: 'confidence' } as const;
  const score = (name: string): number | undefined => review.samples[review.names.indexOf(name)]?.scores['confidence'];
  const [unsure, sure] = [score('pool unsure'), score('pool sure')];
  expect(unsure).toBeGreaterThan(sure ?? 1);
  // Without a box, an image has no such score.
  const none = ['pool-empty', Number.NaN];
  const highest = [['pool unsure', unsure], ['pool sure', sure], none];
  expect(await listed(context, { source: 'batch', order })).toEqual(highest);
  expect(await listed(context, { source: 'pool', order })).toEqual(highest);
  expect(await listed(context, { source: 'pool', order, reversed: true })).toEqual([
    ['pool sure', sure],
    ['pool unsure', unsure],
    none,
  ]);
  expect((await listed(context, { order })).slice(0, 2)).toEqual(highest.slice(0, 2));
  const [[name, expected] = []] = await listed(context, { order: { kind: 'class', classId: 1 } });
  expect(name).toBe('pool unsure');
  expect(expected).toBeCloseTo(128 / 255, 1);
});

test('describes images: labels, or else the boxes that a review shows', async () => {
  const { ports } = bench();
  const review = await reviewing();
  await submitVerdict(ports, sampleNamed(review, 'pool-empty'), { verdict: 'rejected-unusable' });
  const context = await gridContext(ports, review.sessionId);
  const { ids } = await gridImages(ports, context, everything, labelClasses);
  const rows = await gridRows(ports, context, [...ids, 4711]);
  expect(rows.map(({ image }) => image.id)).toEqual([...ids]);
  const of = (name: string): (typeof rows)[number] => {
    const row = rows.find(({ image }) => imageName(image) === name);
    if (row === undefined) throw new Error(`There is no ${name}.`);
    return row;
  };
  const place = { cx: 0.1875, cy: 0.1875, width: 0.125, height: 0.125 };
  expect(of('a').boxes).toEqual([{ classId: 0, ...place, confidence: null }]);
  expect(of('a').sampleId).toBeNull();
  expect([of('pool sure').unpredicted, of('pool-empty').unpredicted]).toEqual([false, true]);
  const [box, ...others] = of('pool sure').boxes;
  expect(others).toEqual([]);
  expect(box?.classId).toBe(0);
  expect(box?.confidence).toBeGreaterThan(0.9);
  expect(box?.cx).toBeCloseTo(place.cx, 1);
  expect(of('pool sure').sampleId).toBe(sampleNamed(review, 'pool sure'));
  expect(of('pool-empty')).toMatchObject({ verdict: 'rejected-unusable', boxes: [] });
  expect(of('pool-empty').image.state).toBe('unusable');
  // The label file is gone, but the scan has not noticed.
  await rm(labelPath('b'));
  const [gone] = await gridRows(ports, context, [of('b').image.id]);
  expect(gone?.boxes).toEqual([]);
});
