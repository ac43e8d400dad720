import { afterEach, describe, expect, it } from 'vitest';
import type { IterationChange } from '../../../workflow/ports/store/iterations.ts';
import { createProject, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

describe('iterations', () => {
  it('are created only once', () => {
    const store = bench.open();
    const { sessionId, iterationId } = createProject(store);
    const second = store.iterations.create(sessionId, 1, 'preparing');
    expect(second).toMatchObject({ sessionId, iterationNumber: 1, status: 'preparing', map50: null, runId: null });
    expect(() => store.iterations.create(sessionId, 1, 'preparing')).toThrow(
      expect.objectContaining({ code: 'duplicate-iteration' }),
    );
    expect(() => store.iterations.create(99, 0, 'preparing')).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(store.iterations.list(sessionId).map(({ id }) => id)).toEqual([iterationId, second.id]);
    expect(store.iterations.get(second.id)).toEqual(second);
    expect(store.iterations.get(99)).toBeNull();
    expect(store.iterations.byNumber(sessionId, 1)).toEqual(second);
    expect(store.iterations.byNumber(sessionId, 2)).toBeNull();
  });

  it('can change every field, and change only the given ones', () => {
    const store = bench.open();
    const { datasetId, iterationId } = createProject(store);
    const before = store.iterations.get(iterationId);
    const revision = store.datasets.addRevision(datasetId, []);
    const change: Required<IterationChange> = {
      status: 'failed',
      resumeFrom: 'training',
      error: 'out of memory',
      trainingImagesCount: 40,
      trainingBoxesCount: 80,
      validationImagesCount: 12,
      validationRevisionId: revision.id,
      map50: 0.65,
      map5095: 0.375,
      precision: 0.5,
      recall: 0.25,
      loss: 2.5,
      shownThresholds: { base: 0.3, classes: { 4: { from: 0.45, judged: 90, right: 51 } }, chosen: 0.6 },
      modelPath: 'm.onnx',
      weightsPath: 'w.pt',
      trainingTimeSeconds: 180.5,
      scoringTimeSeconds: 12,
      runId: 'r1',
      startedAt: 's',
      completedAt: 'c',
    };
    expect(store.iterations.update(iterationId, {})).toEqual(before);
    expect(store.iterations.update(iterationId, change)).toEqual({ ...before, ...change });
    expect(store.iterations.update(iterationId, { resumeFrom: null, error: null })).toEqual({
      ...before,
      ...change,
      resumeFrom: null,
      error: null,
    });
    expect(() => store.iterations.update(99, {})).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});
