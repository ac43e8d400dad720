import { afterEach, expect, test } from 'vitest';
import type { Detection } from '../../../core/detection/types.ts';
import type { ValidationDetections } from '../../../workflow/ports/store/validationDetections.ts';
import { at, createProject, newModel, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

function boxes(count: number): Detection[] {
  return Array.from({ length: count }, (_, index) => ({
    classId: index % 2,
    confidence: Math.fround(1 / (index + 1)),
    box: { x1: index, y1: 2, x2: index + 10, y2: 12 },
    classScores: index < 4 ? { classIds: [0, 1], scores: [0.5, 0.25] } : { classIds: [], scores: [] },
  }));
}

function rowOf(imageId: number, count: number): ValidationDetections {
  return { imageId, contentHash: `hash ${imageId}`, inferenceKey: 7, detections: boxes(count), error: null };
}

test('keeps the detections of a version, replaces those of an image, and gives them by image', () => {
  const store = bench.open();
  const { sessionId, iterationId, imageIds } = createProject(store);
  const { id } = store.models.create(newModel(sessionId, iterationId));
  const [first, second] = [at(imageIds, 0), at(imageIds, 1)];
  store.validationDetections.put(id, [rowOf(second, 300), rowOf(first, 2)]);
  store.validationDetections.put(id, [{ ...rowOf(first, 0), contentHash: 'new', error: 'It is cut off.' }]);
  expect(store.validationDetections.keys(id)).toEqual([
    { imageId: first, contentHash: 'new', inferenceKey: 7 },
    { imageId: second, contentHash: `hash ${second}`, inferenceKey: 7 },
  ]);
  expect(store.validationDetections.list(id, [second, at(imageIds, 2)])).toEqual([rowOf(second, 300)]);
  expect(store.validationDetections.list(id, [first])[0]).toMatchObject({ detections: [], error: 'It is cut off.' });
  expect(store.validationDetections.keys(id + 1)).toEqual([]);
});

test('tidying spares them for versions that are shown no more; deleting the session removes them', () => {
  const store = bench.open();
  const { sessionId, iterationId, imageIds } = createProject(store);
  const versions = [1, 2, 3, 4].map(() => store.models.create(newModel(sessionId, iterationId)).id);
  for (const id of versions) store.validationDetections.put(id, [rowOf(at(imageIds, 0), 1)]);
  while (store.predictions.prune(sessionId, 10) > 0);
  expect(versions.map((id) => store.validationDetections.keys(id).length)).toEqual([1, 1, 1, 1]);
  while (store.predictions.prune(sessionId, 1, 'all') > 0);
  expect(versions.map((id) => store.validationDetections.keys(id).length)).toEqual([0, 0, 0, 0]);
  store.validationDetections.put(at(versions, 0), [rowOf(at(imageIds, 0), 1)]);
  store.sessions.delete(sessionId);
  expect(store.validationDetections.keys(at(versions, 0))).toEqual([]);
});

test('a run records the images that it trains on; an older run has no record', () => {
  const store = bench.open();
  const { sessionId, iterationId } = createProject(store);
  const run = { sessionId, iterationId, job: 'train', state: 'prepared', folder: 'r', labelSnapshot: null } as const;
  store.runs.create({ ...run, id: 'new' }, [3, 5]);
  store.runs.create({ ...run, id: 'old' });
  expect(['new', 'old', 'none'].map((id) => store.runs.trainingImages(id))).toEqual([[3, 5], null, null]);
});
