import { afterEach, describe, expect, it } from 'vitest';
import { createProject, lease, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

describe('runs', () => {
  it('are kept with their state and lease', () => {
    const store = bench.open();
    const { sessionId, iterationId } = createProject(store);
    const run = {
      id: 's1-i0-3f9c',
      sessionId,
      iterationId,
      job: 'train',
      state: 'prepared',
      folder: 'runs/x',
      labelSnapshot: 'snapshot',
    } as const;
    const row = store.runs.create(run);
    expect(row).toEqual({ ...run, lease: null, lastSequence: 0, createdAt: row.createdAt });
    expect(() => store.runs.create(run)).toThrow(expect.objectContaining({ code: 'duplicate-name' }));
    expect(() => store.runs.create({ ...run, id: 'r', sessionId: 99 })).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );

    store.runs.update(run.id, { state: 'running', lease: lease('trainer') });
    expect(store.runs.get(run.id)).toEqual({ ...row, state: 'running', lease: lease('trainer') });
    store.runs.update(run.id, { state: 'finished' });
    expect(store.runs.get(run.id)?.lease).toEqual(lease('trainer'));
    store.runs.update(run.id, { lease: null });
    expect(store.runs.get(run.id)).toEqual({ ...row, state: 'finished' });
    expect(store.runs.get('none')).toBeNull();
    expect(() => store.runs.update('none', {})).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('are listed by state, oldest first', () => {
    const store = bench.open();
    const { sessionId, iterationId } = createProject(store);
    for (const id of ['c', 'a', 'b']) {
      store.runs.create({
        id,
        sessionId,
        iterationId,
        job: 'export',
        state: 'prepared',
        folder: id,
        labelSnapshot: null,
      });
    }
    store.runs.update('a', { state: 'running' });
    store.runs.update('b', { state: 'failed' });
    const ids = (...states: Parameters<typeof store.runs.list>): string[] =>
      store.runs.list(...states).map(({ id }) => id);
    expect(ids()).toEqual(['c', 'a', 'b']);
    expect(ids(['running', 'failed'])).toEqual(['a', 'b']);
    expect(ids([])).toEqual([]);
  });

  it('store repeated metrics only once', () => {
    const store = bench.open();
    const { sessionId, iterationId } = createProject(store);
    store.runs.create({
      id: 'r',
      sessionId,
      iterationId,
      job: 'train',
      state: 'running',
      folder: 'r',
      labelSnapshot: null,
    });
    const points = [
      { sequence: 2, epoch: 1, name: 'box_loss', value: 1.5 },
      { sequence: 2, epoch: 1, name: 'cls_loss', value: Number.NaN },
      { sequence: 5, epoch: 2, name: 'box_loss', value: Number.POSITIVE_INFINITY },
    ];
    store.runs.addMetrics('r', 5, points.slice(0, 2));
    store.runs.addMetrics('r', 3, points);
    store.runs.addMetrics('r', 4, [{ sequence: 2, epoch: 1, name: 'box_loss', value: 99 }]);
    expect(store.runs.metrics('r')).toEqual(points);
    expect(store.runs.get('r')?.lastSequence).toBe(5);
    store.runs.addMetrics('r', 9, []);
    expect(store.runs.get('r')?.lastSequence).toBe(9);
    expect(store.runs.metrics('none')).toEqual([]);
    expect(() => store.runs.addMetrics('none', 1, [])).toThrow(expect.objectContaining({ code: 'not-found' }));
  });
});
