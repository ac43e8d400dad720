import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import type { StoreCore } from '../storeCore.ts';
import { at, createProject, lease, newEvent, newModel, thrownBy, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

/** A store with one row in every table. */
function fullStore(): { databasePath: string; store: StoreCore } {
  const databasePath = bench.databasePath();
  const store = bench.open(databasePath);
  const { datasetId, sessionId, iterationId, imageIds } = createProject(store, 2, 1);
  const imageId = at(imageIds, 0);
  store.datasets.addRevision(datasetId, [{ imageId, labelHash: 'h' }]);
  const model = store.models.create(newModel(sessionId, iterationId));
  const box = { x1: 0, y1: 0, x2: 1, y2: 1 };
  store.predictions.put(model.id, [
    {
      imageId,
      contentHash: 'c',
      detections: [{ classId: 0, confidence: 0.5, box }],
      bestScore: 0.5,
      scores: {},
      error: null,
      inferenceKey: 1,
      scoringKey: 1,
    },
  ]);
  store.labelEvents.begin(newEvent(imageId));
  store.runs.create({
    id: 'r1',
    sessionId,
    iterationId,
    job: 'train',
    state: 'running',
    folder: 'r1',
    labelSnapshot: null,
  });
  store.runs.update('r1', { lease: lease('trainer') });
  store.runs.addMetrics('r1', 1, [{ sequence: 1, epoch: 1, name: 'loss', value: 1 }]);
  store.leases.acquire('training', lease('one'));
  return { databasePath, store };
}

const reads: Readonly<Record<string, (store: StoreCore) => unknown>> = {
  datasets: (store) => store.datasets.get(1),
  dataset_roots: (store) => store.datasets.moveRoot(1, '/data'),
  images: (store) => store.images.get(1),
  training_sessions: (store) => store.sessions.get(1),
  training_iterations: (store) => store.iterations.get(1),
  uncertain_samples: (store) => store.samples.get(1),
  model_versions: (store) => store.models.get(1),
  predictions: (store) => store.predictions.get(1, 1),
  label_events: (store) => store.labelEvents.end(1, 'abandoned'),
  runs: (store) => store.runs.get('r1'),
  leases: (store) => store.leases.acquire('training', lease('two')),
};

describe('a row that another program has changed', () => {
  it.each<[table: string, column: string, value: string | Uint8Array, key: string]>([
    ['datasets', 'source', '{"kind":"cloud"}', 'id 1'],
    ['datasets', 'class_names', '["a", 1]', 'id 1'],
    ['dataset_roots', 'kind', 'attic', 'id 1'],
    ['images', 'split', 'training', 'id 1'],
    ['images', 'relative_path', 'x'.repeat(64 * 1024 * 1024 + 1), 'id 1'],
    ['images', 'state', '', 'id 1'],
    ['training_sessions', 'settings', '{"aggregation":"median"}', 'id 1'],
    ['training_sessions', 'uncertainty_weights', '{"confidence":1', 'id 1'],
    ['training_sessions', 'status', 'paused', 'id 1'],
    ['training_sessions', 'batch_size', 'large', 'id 1'],
    ['training_iterations', 'status', 'waiting', 'id 1'],
    ['training_iterations', 'resume_from', 'constructor', 'id 1'],
    ['uncertain_samples', 'scores', 'NaN', 'id 1'],
    ['uncertain_samples', 'predicted_boxes', '[{"classId":0}]', 'id 1'],
    ['uncertain_samples', 'reasons', '"because"', 'id 1'],
    ['uncertain_samples', 'withheld', '{"margin":1}', 'id 1'],
    ['uncertain_samples', 'verdict', 'maybe', 'id 1'],
    ['model_versions', 'performance_metrics', '[]', 'id 1'],
    ['model_versions', 'lineage', '', 'id 1'],
    ['predictions', 'scores', Uint8Array.of(1, 0, 5), 'model_version_id 1, image_id 1'],
    ['predictions', 'scores', new Uint8Array(10).fill(9), 'model_version_id 1, image_id 1'],
    ['predictions', 'boxes', Uint8Array.of(1, 0, 5), 'model_version_id 1, image_id 1'],
    ['predictions', 'boxes', new Uint8Array(), 'model_version_id 1, image_id 1'],
    ['predictions', 'flipped', Uint8Array.of(1, 0, 5), 'model_version_id 1, image_id 1'],
    ['label_events', 'cause', 'whim', 'id 1'],
    ['label_events', 'owner', '{"pid":1}', 'id 1'],
    ['runs', 'lease', 'none', 'id r1'],
    ['runs', 'job', 'play', 'id r1'],
    ['leases', 'lease', '{}', 'name training'],
  ])('in %s.%s is reported and affects no other row', (table, column, value, key) => {
    const { databasePath, store } = fullStore();
    const read = reads[table];
    expect(() => read?.(store)).not.toThrow();
    const vandal = new Database(databasePath);
    const rows = table === 'leases' ? '' : 'WHERE rowid = 1';
    vandal.prepare(`UPDATE ${table} SET ${column} = ? ${rows}`).run(value);
    vandal.close();
    const error = thrownBy(() => read?.(store));
    expect(error).toMatchObject({
      code: 'corrupt-row',
      where: `${table}, ${key}`,
      message: expect.stringContaining(`Table ${table}, ${key}: column ${column} `),
      hint: expect.stringContaining('docs/database.md'),
    });
    for (const [other, readOther] of Object.entries(reads).filter(([name]) => name !== table)) {
      expect(() => readOther(store), other).not.toThrow();
    }
  });
});
