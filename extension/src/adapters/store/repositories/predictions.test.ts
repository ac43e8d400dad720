import { afterEach, describe, expect, it } from 'vitest';
import type { PredictionRow } from '../../../workflow/ports/store/predictions.ts';
import { at, createProject, newModel, newSample, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

function prediction(imageId: number, contentHash: string, changes: Partial<PredictionRow> = {}): PredictionRow {
  return {
    imageId,
    contentHash,
    detections: newSample(imageId, 1).predictedBoxes,
    bestScore: 0.5,
    scores: { entropy: 0.9, confidence: 0.5 },
    error: null,
    inferenceKey: 2 ** 47 + 1,
    scoringKey: 7,
    ...changes,
  };
}

describe('predictions', () => {
  it('are returned unchanged, in pages by image', () => {
    const store = bench.open();
    const { sessionId, iterationId, imageIds } = createProject(store);
    const model = store.models.create(newModel(sessionId, iterationId));
    const rows = imageIds.map((imageId, index) => prediction(imageId, `c${index}`, { bestScore: index / 10 }));
    const failed = prediction(at(imageIds, 2), 'c', {
      detections: [],
      bestScore: 0,
      scores: {},
      error: 'unreadable-image',
    });
    store.predictions.put(model.id, rows.toReversed());
    store.predictions.put(model.id, [failed]);
    const expected = rows.with(2, failed);
    expect(store.predictions.get(model.id, failed.imageId)).toEqual(failed);
    expect(store.predictions.get(model.id, 999)).toBeNull();
    expect(store.predictions.page(model.id, 0, 4)).toEqual(expected.slice(0, 4));
    expect(store.predictions.page(model.id, at(imageIds, 3), 4)).toEqual(expected.slice(4));
    expect(store.predictions.page(model.id, at(imageIds, 5), 4)).toEqual([]);
    expect(store.predictions.page(99, 0, 4)).toEqual([]);
  });

  it('count as done while the image is unchanged', () => {
    const store = bench.open();
    const { sessionId, iterationId, imageIds } = createProject(store, 3);
    const [a, b, c] = imageIds as [number, number, number];
    const model = store.models.create(newModel(sessionId, iterationId));
    store.predictions.put(
      model.id,
      [b, a].map((id) => prediction(id, store.images.get(id)?.contentHash ?? '')),
    );
    store.predictions.put(model.id, [prediction(c, 'an older content')]);
    const done = (): number[] => store.predictions.keys(model.id, 0, c).map(({ imageId }) => imageId);
    expect(done()).toEqual([a, b]);
    store.images.update([{ id: a, contentHash: 'changed on disk' }]);
    expect(done()).toEqual([b]);
    store.predictions.put(model.id, [prediction(a, 'changed on disk')]);
    expect(done()).toEqual([a, b]);
  });

  it('keep the detections in the mirrored image, and the localisation entropies', () => {
    const store = bench.open();
    const { sessionId, iterationId, imageIds } = createProject(store, 2);
    const [a, b] = imageIds as [number, number];
    const model = store.models.create(newModel(sessionId, iterationId));
    const detections = newSample(a, 1).predictedBoxes.map((one) => ({ ...one, localisationEntropy: 0.25 }));
    const rows = [
      prediction(a, 'c', { detections, flipped: detections.slice(1) }),
      prediction(b, 'c', { flipped: [] }),
    ];
    store.predictions.put(model.id, rows);
    expect(store.predictions.page(model.id, 0, 10)).toEqual(rows);
    store.predictions.put(model.id, [prediction(b, 'c')]);
    expect(store.predictions.get(model.id, b)).toEqual(prediction(b, 'c'));
  });

  it('show by their keys what to recompute, and accept new scores', () => {
    const store = bench.open();
    const { sessionId, iterationId, imageIds } = createProject(store, 4);
    const [a, b, c, d] = imageIds as [number, number, number, number];
    const model = store.models.create(newModel(sessionId, iterationId));
    const content = (id: number): string => store.images.get(id)?.contentHash ?? '';
    store.predictions.put(model.id, [
      prediction(a, content(a)),
      prediction(b, content(b), { inferenceKey: 5, scoringKey: 6, bestScore: 0, error: 'unreadable-image' }),
      prediction(c, 'an older content'),
      prediction(d, content(d)),
    ]);
    const keyOfA = { imageId: a, inferenceKey: 2 ** 47 + 1, scoringKey: 7, bestScore: 0.5, failed: false };
    const keyOfB = { imageId: b, inferenceKey: 5, scoringKey: 6, bestScore: 0, failed: true };
    expect(store.predictions.keys(model.id, 0, c)).toEqual([keyOfA, keyOfB]);
    expect(store.predictions.keys(model.id, a, d).map(({ imageId }) => imageId)).toEqual([b, d]);
    store.predictions.rescore(model.id, [
      { imageId: a, scores: { margin: 0.25 }, scoringKey: 9 },
      { imageId: 999, scores: {}, scoringKey: 9 },
    ]);
    expect(store.predictions.list(model.id, [d, a, 999])).toEqual([
      prediction(a, content(a), { scores: { margin: 0.25 }, scoringKey: 9 }),
      prediction(d, content(d)),
    ]);
    expect(store.predictions.list(model.id, [])).toEqual([]);
  });

  it('are stored completely or not at all', () => {
    const store = bench.open();
    const { sessionId, iterationId, imageIds } = createProject(store);
    const model = store.models.create(newModel(sessionId, iterationId));
    expect(() => store.predictions.put(model.id, [prediction(at(imageIds, 0), 'c'), prediction(999, 'c')])).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
    expect(() => store.predictions.put(99, [prediction(at(imageIds, 0), 'c')])).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
    expect(store.predictions.page(model.id, 0, 10)).toEqual([]);
  });
});
