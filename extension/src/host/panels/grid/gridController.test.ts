import { describe, expect, test } from 'vitest';
import { allImages, datasetOf, namesOf, newestIteration, openGrid } from '../../../../test/support/gridFixture.ts';
import { createBatchFixture, createTrainedFixture, useFixtures } from '../../../../test/support/panelFixture.ts';
import { submitVerdict } from '../../../workflow/review/verdicts.ts';
import { checkGridMessage } from './gridMessages.ts';

useFixtures();

test('begins with the pool, sorted by the score of the session', async () => {
  const fixture = await createTrainedFixture();
  const { page, cells } = openGrid(fixture);
  const { strings, state, start, isAsked, listing } = await page.request('grid/ready', null);
  expect(strings).toEqual({ Pool: 'Vorrat' });
  expect(state).toMatchObject({
    sessionName: fixture.name,
    classNames: ['red', 'green', 'blue'],
    counts: { list: null, batch: 3, pool: 3, labelled: 5, all: 8 },
    hasPredictions: true,
  });
  expect(state.metrics).toContainEqual({ id: 'decision-entropy', title: 'Decision entropy' });
  expect(state.folders.map(({ label, images }) => [label, images])).toEqual([['images/train', 8]]);
  expect({ isAsked, listing }).toEqual({ isAsked: false, listing: null });
  expect(start).toEqual({ ...allImages, source: 'pool', order: { kind: 'score', metric: 'decision-entropy' } });
  const shown = await cells(start);
  expect(namesOf(shown)[0]).toBe('unsure.png');
  const values = shown.map((cell) => cell?.value ?? -1);
  expect(values).toEqual(values.toSorted((a, b) => b - a));
});

test('describes images with their boxes as fractions, state, verdict and thumbnail', async () => {
  const fixture = await createBatchFixture();
  const { page, cells } = openGrid(fixture);
  const { start, state } = await page.request('grid/ready', null);
  // Nothing is scored.
  expect(start.order).toEqual({ kind: 'path' });
  expect(state.metrics).toEqual([]);
  const [sample] = await fixture.ports.store.samples.list((await newestIteration(fixture)).id);
  await submitVerdict(fixture.ports, sample?.id ?? 0, { verdict: 'rejected-later' });
  const [a, b] = await cells({ source: 'labelled' });
  expect(a).toMatchObject({ name: 'a.png', path: 'images/train/a.png', url: 'shown:/cache/a.webp', state: 'labelled' });
  expect(a?.boxes).toEqual([{ x: 0.125, y: 0.125, width: 0.125, height: 0.125, classId: 0, confidence: null }]);
  expect(b?.url).toBeNull();
  const batch = await cells({ source: 'batch', order: { kind: 'source' } });
  expect(namesOf(batch)).toEqual(['unsure.png', 'sure.png', 'empty.png']);
  expect(batch[0]).toMatchObject({ state: 'later', value: null });
  expect(batch[1]?.boxes[0]?.confidence).toBeCloseTo(250 / 255, 5);
});

test('a new verdict is shown after a refresh, and the order of the listing stays', async () => {
  const fixture = await createBatchFixture();
  const { page, controller, events, cells } = openGrid(fixture);
  await page.request('grid/ready', null);
  const before = await cells({ source: 'batch', verdict: 'none', order: { kind: 'source' } });
  const [sample] = await fixture.ports.store.samples.list((await newestIteration(fixture)).id);
  await submitVerdict(fixture.ports, sample?.id ?? 0, { verdict: 'accepted' });
  await controller.refresh();
  expect(events.map(([type]) => type)).toEqual(['grid/state']);
  const { listing } = await page.request('grid/ready', null);
  const again = await page.request('grid/cells', { token: listing?.token ?? 0, first: 0, count: 10 });
  expect(namesOf(again)).toEqual(namesOf(before));
  expect(again[0]?.verdict).toBe('accepted');
  expect((await cells({ source: 'batch', verdict: 'none' })).length).toBe(before.length - 1);
});

test('a refresh neither searches the scores nor the folders again, until there is another version or image', async () => {
  const fixture = await createTrainedFixture();
  const { store } = fixture.ports;
  const searched: string[] = [];
  const predictions: typeof store.predictions = {
    ...store.predictions,
    top: (...asked) => {
      searched.push('scores');
      return store.predictions.top(...asked);
    },
  };
  const images: typeof store.images = {
    ...store.images,
    folders: (datasetId) => {
      searched.push('folders');
      return store.images.folders(datasetId);
    },
  };
  const counted = { ...fixture, ports: { ...fixture.ports, store: { ...store, predictions, images } } };
  const { page, controller, events } = openGrid(counted);
  const first = await page.request('grid/ready', null);
  expect(new Set(searched)).toEqual(new Set(['scores', 'folders']));
  searched.length = 0;
  await controller.refresh();
  expect([searched, events.at(-1)?.[1]]).toEqual([[], first.state]);
  await store.sessions.update(fixture.sessionId, { settings: { rankingMetric: 'entropy' } });
  await controller.refresh();
  expect(searched).toContain('scores');
});

test('makes thumbnails in the order of the page, and says which cannot be made', async () => {
  const fixture = await createBatchFixture();
  const { page, events, cells } = openGrid(fixture);
  const [a, b, c] = await cells({ source: 'labelled' });
  await page.request('grid/thumbnails', { imageIds: [c?.imageId ?? 0, 4711, b?.imageId ?? 0, a?.imageId ?? 0] });
  expect(events).toEqual([
    ['grid/thumbnail', { imageId: c?.imageId, url: 'shown:/cache/c.png.webp' }],
    ['grid/thumbnail', { imageId: b?.imageId, url: null }],
    ['grid/thumbnail', { imageId: a?.imageId, url: 'shown:/cache/a.png.webp' }],
  ]);
});

describe('opening', () => {
  test('a sample of the batch opens there, other images as a list, the opened one first', async () => {
    const fixture = await createBatchFixture();
    const { page, shown } = openGrid(fixture);
    const { token } = await page.request('grid/query', allImages);
    // a, b, c, d, e, empty, sure, unsure.
    await page.request('grid/open', { token, place: 7, places: [[0, 7]] });
    await page.request('grid/open', { token, place: 1, places: [[1, 1]] });
    await page.request('grid/open', {
      token,
      place: 2,
      places: [
        [0, 0],
        [2, 3],
      ],
    });
    const batch = await fixture.ports.store.samples.list((await newestIteration(fixture)).id);
    const images = await fixture.ports.store.images.find({ datasetId: await datasetOf(fixture) });
    const idOf = (name: string): number | undefined =>
      images.find(({ relativePath }) => relativePath.endsWith(`/${name}.png`))?.id;
    const since = '2026-01-01T00:00:00.000Z';
    expect(shown).toEqual([
      batch[0]?.id,
      { title: 'b.png', images: [idOf('b')], since },
      { title: '3 chosen images', images: [idOf('c'), idOf('a'), idOf('d')], since },
    ]);
  });

  test('places of an earlier listing are refused', async () => {
    const { page } = openGrid(await createBatchFixture());
    const { token } = await page.request('grid/query', allImages);
    await page.request('grid/query', { ...allImages, reversed: true });
    const outdated = expect.objectContaining({ code: 'listing-outdated' });
    await expect(page.request('grid/cells', { token, first: 0, count: 5 })).rejects.toEqual(outdated);
    await expect(page.request('grid/open', { token, place: 0, places: [] })).rejects.toEqual(outdated);
  });
});

test('a command asks for the batch: at once, or when a hidden page is shown again', async () => {
  const { page, controller, events } = openGrid(await createBatchFixture());
  await controller.show('batch');
  expect(events).toEqual([]);
  const asked = await page.request('grid/ready', null);
  expect(asked).toMatchObject({ isAsked: true, start: { source: 'batch', order: { kind: 'source' } } });
  await page.request('grid/query', asked.start);
  expect((await page.request('grid/ready', null)).isAsked).toBe(false);
  await controller.show('batch');
  expect(events).toEqual([['grid/show', asked.start]]);
});

test('a list is shown in its order', async () => {
  const fixture = await createBatchFixture();
  const images = await fixture.ports.store.images.find({ datasetId: await datasetOf(fixture) });
  const list = { title: 'Missed', images: [images[3]?.id ?? 0, images[0]?.id ?? 0], since: '2026-01-01T00:00:00.000Z' };
  const { page, cells } = openGrid(fixture, list);
  const { start, state } = await page.request('grid/ready', null);
  expect(state).toMatchObject({ listTitle: 'Missed', counts: { list: 2 } });
  expect(start).toMatchObject({ source: 'list', order: { kind: 'source' } });
  expect((await cells(start)).map((cell) => cell?.imageId)).toEqual(list.images);
});

test.each([
  ['a source', 'grid/query', { ...allImages, source: 'everything' }],
  ['an order', 'grid/query', { ...allImages, order: { kind: 'luck' } }],
  ['a field too many', 'grid/query', { ...allImages, sql: 'DROP TABLE images' }],
  ['too many cells', 'grid/cells', { token: 1, first: 0, count: 100_000 }],
  ['a place', 'grid/open', { token: 1, place: -1, places: [] }],
  ['a range', 'grid/open', { token: 1, place: 0, places: [[1]] }],
  ['an image', 'grid/thumbnails', { imageIds: ['/etc/passwd'] }],
])('%s that is not valid is refused', (_what, type, payload) => {
  expect(() => checkGridMessage(type, payload)).toThrow(expect.objectContaining({ code: 'invalid-message' }));
});
