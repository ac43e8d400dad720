import { afterEach, describe, expect, it } from 'vitest';
import { createProject, newModel, settings, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

describe('model versions', () => {
  it('are numbered within their session; the newest is active', () => {
    const store = bench.open();
    const { datasetId, sessionId, iterationId } = createProject(store);
    const first = store.models.create(newModel(sessionId, iterationId));
    expect(first).toEqual({
      ...newModel(sessionId, iterationId),
      id: first.id,
      versionNumber: 1,
      isActive: true,
      isBest: false,
      createdAt: first.createdAt,
    });
    const second = store.models.create(newModel(sessionId, iterationId));
    expect(second).toMatchObject({ versionNumber: 2, isActive: true });
    expect(store.models.list(sessionId)).toEqual([{ ...first, isActive: false }, second]);
    expect(store.models.byIteration(iterationId)).toEqual(second);
    expect(store.models.byIteration(99)).toBeNull();
    expect(store.models.get(99)).toBeNull();

    const other = store.sessions.create(datasetId, { ...settings, name: 'Other' });
    const iteration = store.iterations.create(other.id, 0, 'preparing');
    expect(store.models.create(newModel(other.id, iteration.id)).versionNumber).toBe(1);
    expect(store.models.get(second.id)?.isActive).toBe(true);
  });

  it('have one active and one best', () => {
    const store = bench.open();
    const { sessionId, iterationId } = createProject(store);
    const ids = [1, 2, 3].map(() => store.models.create(newModel(sessionId, iterationId)).id);
    const [a, b] = ids as [number, number, number];
    store.models.setBest(b);
    store.models.setActive(a);
    store.models.setBest(a);
    store.models.setBest(b);
    store.models.setBest(b);
    const marks = store.models.list(sessionId).map(({ isActive, isBest }) => [isActive, isBest]);
    expect(marks).toEqual([
      [true, false],
      [false, true],
      [false, false],
    ]);
    expect(() => store.models.setBest(99)).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(() => store.models.setActive(99)).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('accept new metrics after the validation set changed', () => {
    const store = bench.open();
    const { sessionId, iterationId } = createProject(store);
    const model = store.models.create(newModel(sessionId, iterationId));
    store.models.updateMetrics(model.id, { map50: 0.75 });
    expect(store.models.get(model.id)).toEqual({ ...model, performanceMetrics: { map50: 0.75 } });
    expect(() => store.models.updateMetrics(99, {})).toThrow(expect.objectContaining({ code: 'not-found' }));
    expect(() => store.models.updateMetrics(model.id, { loss: Number.POSITIVE_INFINITY })).toThrow(
      expect.objectContaining({ code: 'invalid-value' }),
    );
  });
});
