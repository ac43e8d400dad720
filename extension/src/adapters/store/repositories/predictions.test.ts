import { afterEach, describe, expect, it } from 'vitest';
import type { PredictionRow } from '../../../workflow/ports/store.ts';
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
    ...changes,
  };
}

describe('predictions', () => {
  it('come back as they were, in pages by image', () => {
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

  it('count as done while the image is the same', () => {
    const store = bench.open();
    const { sessionId, iterationId, imageIds } = createProject(store, 3);
    const [a, b, c] = imageIds as [number, number, number];
    const model = store.models.create(newModel(sessionId, iterationId));
    store.predictions.put(
      model.id,
      [b, a].map((id) => prediction(id, store.images.get(id)?.contentHash ?? '')),
    );
    store.predictions.put(model.id, [prediction(c, 'an older content')]);
    expect(store.predictions.scoredImageIds(model.id)).toEqual([a, b]);
    store.images.update([{ id: a, contentHash: 'changed on disk' }]);
    expect(store.predictions.scoredImageIds(model.id)).toEqual([b]);
    store.predictions.put(model.id, [prediction(a, 'changed on disk')]);
    expect(store.predictions.scoredImageIds(model.id)).toEqual([a, b]);
  });

  it('are stored all or none', () => {
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
