import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { openStore } from '../openStore.ts';
import type { StoreCore } from '../storeCore.ts';
import { at, createProject, newEvent, newModel, settings, threadPath, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

/** At least three rows of everything that has a list. */
function project(): { databasePath: string; store: StoreCore } {
  const databasePath = bench.databasePath();
  const store = bench.open(databasePath);
  const { datasetId, sessionId, iterationId, imageIds } = createProject(store, 6, 3);
  for (const name of ['b', 'c']) store.sessions.create(datasetId, { ...settings, name });
  for (const number of [1, 2]) store.iterations.create(sessionId, number, 'preparing');
  for (const path of ['/b', '/c']) store.datasets.create({ kind: 'yaml', path, poolFolders: [] }, []);
  for (const path of ['/b', '/c']) store.datasets.addRoot(datasetId, path, 'pool');
  const models = [1, 2, 3].map(() => store.models.create(newModel(sessionId, iterationId)));
  store.predictions.put(
    at(models, 0).id,
    imageIds.map((imageId) => ({
      imageId,
      contentHash: 'c',
      detections: [{ classId: 0, confidence: 0.5, box: { x1: 0, y1: 0, x2: 1, y2: 1 } }],
      bestScore: 0.5,
      scores: { entropy: 0.5 },
      error: null,
      inferenceKey: 1,
      scoringKey: 1,
    })),
  );
  for (const imageId of imageIds.slice(0, 3)) store.labelEvents.begin(newEvent(imageId));
  for (const id of ['r1', 'r2', 'r3']) {
    store.runs.create({ id, sessionId, iterationId, job: 'train', state: 'running', folder: id, labelSnapshot: null });
  }
  return { databasePath, store };
}

function damage(databasePath: string, table: string, column: string, value: string | Uint8Array): void {
  const vandal = new Database(databasePath);
  vandal.prepare(`UPDATE ${table} SET ${column} = ? WHERE rowid = 2`).run(value);
  vandal.close();
}

const lists: Readonly<
  Record<string, [column: string, value: string | Uint8Array, key: string, list: (store: StoreCore) => unknown[]]>
> = {
  datasets: ['source', '{', 'id 2', (store) => store.datasets.list()],
  dataset_roots: ['kind', 'attic', 'id 2', (store) => store.datasets.roots(1)],
  images: ['state', 'blue', 'id 2', (store) => store.images.find({ datasetId: 1 })],
  training_sessions: ['status', 'paused', 'id 2', (store) => store.sessions.list()],
  training_iterations: ['status', 'waiting', 'id 2', (store) => store.iterations.list(1)],
  uncertain_samples: ['reasons', '{}', 'id 2', (store) => store.samples.list(1)],
  model_versions: ['lineage', '', 'id 2', (store) => store.models.list(1)],
  predictions: [
    'boxes',
    Uint8Array.of(9),
    'model_version_id 1, image_id 2',
    (store) => store.predictions.list(1, [1, 2, 3]),
  ],
  label_events: ['owner', '{}', 'id 2', (store) => store.labelEvents.pending()],
  runs: ['lease', 'none', 'id r2', (store) => store.runs.list(['running'])],
};

describe('a damaged row', () => {
  it.each(Object.keys(lists))('of %s is omitted alone, and reported once', (table) => {
    const { databasePath, store } = project();
    const [column, value, key, list] = lists[table] ?? ['', '', '', () => []];
    const whole = list(store);
    damage(databasePath, table, column, value);
    expect(list(store)).toEqual([whole[0], ...whole.slice(2)]);
    expect(list(store)).toHaveLength(whole.length - 1);
    const warnings = store.takeWarnings();
    expect(warnings).toEqual([expect.stringContaining(`Table ${table}, ${key}: column ${column} `)]);
    expect(warnings[0]).toContain('This row is left out.');
    expect(store.takeWarnings()).toEqual([]);
  });

  it('does not shorten a page, which would look like the last one', () => {
    const { databasePath, store } = project();
    damage(databasePath, 'images', 'state', 'blue');
    damage(databasePath, 'predictions', 'boxes', Uint8Array.of(9));
    expect(store.images.find({ datasetId: 1, limit: 3 }).map(({ id }) => id)).toEqual([1, 3, 4]);
    expect(store.images.find({ datasetId: 1, afterId: 1, limit: 2 }).map(({ id }) => id)).toEqual([3, 4]);
    expect(store.predictions.page(1, 0, 2).map(({ imageId }) => imageId)).toEqual([1, 3]);
    const columns = store.predictions.columns(1, 0, 3);
    expect([...columns.imageIds]).toEqual([1, 2, 3]);
    expect([...columns.failed]).toEqual([0, 1, 0]);
    expect([...(columns.scores['entropy'] ?? [])]).toEqual([0.5, Number.NaN, 0.5]);
  });

  it('is reported by the thread', async () => {
    const { databasePath } = project();
    damage(databasePath, 'training_sessions', 'status', 'paused');
    const said: string[] = [];
    const store = await openStore({ databasePath, threadPath, onWarning: (message) => said.push(message) });
    expect(await store.sessions.list()).toHaveLength(2);
    await expect(store.sessions.get(2)).rejects.toMatchObject({ code: 'corrupt-row' });
    expect(said).toEqual([expect.stringContaining('training_sessions, id 2')]);
    await store.close();
  });
});
