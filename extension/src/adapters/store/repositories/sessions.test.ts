import { afterEach, describe, expect, it } from 'vitest';
import Database from 'better-sqlite3';
import type { Setting } from '../../../core/session/setting.ts';
import { sessionSettings } from '../../../core/session/sessionSettings.ts';
import type { SessionSettings, SettingName } from '../../../core/session/types.ts';
import { at, createProject, newEvent, newModel, settings, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

/** What the column `settings` holds: the settings without a column, and which ones the user entered. */
function withoutColumns({ typed, ...row }: SessionSettings): Record<string, unknown> {
  const settingsInJson = Object.entries<Setting>(sessionSettings).filter(([, { column }]) => column === undefined);
  return {
    ...Object.fromEntries(settingsInJson.map(([name]) => [name, row[name as SettingName]])),
    typed,
  };
}

describe('sessions', () => {
  it('keeps every setting', () => {
    const databasePath = bench.databasePath();
    const store = bench.open(databasePath);
    const dataset = store.datasets.create({ kind: 'yaml', path: '/a.yaml', poolFolders: [] }, ['a']);
    const auto = store.sessions.create(dataset.id, settings);
    const typed = store.sessions.create(dataset.id, { ...settings, name: 'Other', batchSize: 16, warmStart: true });
    expect(auto).toEqual({
      ...settings,
      id: auto.id,
      datasetId: dataset.id,
      status: 'created',
      currentIteration: 0,
      bestMap50: null,
      bestMap5095: null,
      createdAt: auto.createdAt,
      startedAt: null,
      completedAt: null,
    });
    expect(typed.batchSize).toBe(16);
    expect(typed.warmStart).toBe(true);
    expect(store.sessions.get(auto.id)).toEqual(auto);
    expect(store.sessions.list()).toEqual([auto, typed]);
    expect(store.sessions.get(99)).toBeNull();

    const reader = new Database(databasePath, { readonly: true });
    const row = reader.prepare('SELECT typeof(batch_size) AS type, batch_size, settings FROM training_sessions').all();
    reader.close();
    expect(row).toEqual([
      { type: 'text', batch_size: 'auto', settings: expect.any(String) },
      { type: 'integer', batch_size: 16, settings: expect.any(String) },
    ]);
    const json = (row as { settings: string }[]).map(
      (stored) => JSON.parse(stored.settings) as Record<string, unknown>,
    );
    expect(json).toEqual([withoutColumns(auto), withoutColumns(typed)]);
    expect(json.map(({ aggregation, warmStart, typed: entered }) => [aggregation, warmStart, entered])).toEqual([
      ['top-k', false, ['epochs']],
      ['top-k', true, ['epochs']],
    ]);
  });

  it('uses the default of a setting that is newer than the session', () => {
    const databasePath = bench.databasePath();
    const store = bench.open(databasePath);
    const { sessionId } = createProject(store);
    const old = '{"aggregation":"max","warmStart":false,"device":"cpu","typed":[]}';
    const writer = new Database(databasePath);
    writer.prepare('UPDATE training_sessions SET settings = ?').run(old);
    writer.close();
    expect(store.sessions.get(sessionId)).toMatchObject({
      aggregation: 'max',
      device: 'cpu',
      rankingMetric: 'decision-entropy',
      zeroDetections: 'quota',
      flip: false,
      localisation: true,
      fastScoring: false,
    });
  });

  it('keeps settings without a column', () => {
    const store = bench.open();
    const dataset = store.datasets.create({ kind: 'yaml', path: '/a.yaml', poolFolders: [] }, ['a']);
    const later = { ...settings, ensembleSize: 3 };
    expect(store.sessions.create(dataset.id, later)).toMatchObject({ ensembleSize: 3 });
  });

  it('changes settings and state, and nothing else', () => {
    const store = bench.open();
    const { sessionId } = createProject(store);
    const before = store.sessions.get(sessionId);
    expect(store.sessions.update(sessionId, {})).toEqual(before);
    const changed = store.sessions.update(sessionId, {
      settings: { epochs: 5, device: 'cpu', typed: ['epochs', 'device'], batchSize: 4 },
      status: 'active',
      currentIteration: 2,
      bestMap50: 0.7,
      bestMap5095: 0.4,
      startedAt: 's',
      completedAt: 'c',
    });
    expect(changed).toEqual({
      ...before,
      epochs: 5,
      device: 'cpu',
      typed: ['epochs', 'device'],
      batchSize: 4,
      status: 'active',
      currentIteration: 2,
      bestMap50: 0.7,
      bestMap5095: 0.4,
      startedAt: 's',
      completedAt: 'c',
    });
    expect(store.sessions.update(sessionId, { bestMap50: null, completedAt: null })).toEqual({
      ...changed,
      bestMap50: null,
      completedAt: null,
    });
    expect(() => store.sessions.update(99, {})).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it.each(['Größe', 'GRÖßE', ' größe ', 'Gro\u0308ße'])('treats %j as the name "größe"', (name) => {
    const store = bench.open();
    const { datasetId, sessionId } = createProject(store);
    store.sessions.create(datasetId, { ...settings, name: 'größe' });
    const duplicate = expect.objectContaining({ code: 'duplicate-name', message: expect.stringContaining('größe') });
    expect(() => store.sessions.create(datasetId, { ...settings, name })).toThrow(duplicate);
    expect(() => store.sessions.update(sessionId, { settings: { name } })).toThrow(duplicate);
    expect(store.sessions.list()).toHaveLength(2);
  });

  it('allows a change of case in a name', () => {
    const store = bench.open();
    const { sessionId } = createProject(store);
    expect(store.sessions.update(sessionId, { settings: { name: 'PARTS' } }).name).toBe('PARTS');
  });

  it('requires an existing dataset', () => {
    const store = bench.open();
    expect(() => store.sessions.create(99, settings)).toThrow(expect.objectContaining({ code: 'not-found' }));
  });

  it('is removed with its data, but images and label history remain', () => {
    const databasePath = bench.databasePath();
    const store = bench.open(databasePath);
    const { datasetId, sessionId, iterationId, imageIds, sampleIds } = createProject(store);
    const imageId = at(imageIds, 0);
    const model = store.models.create(newModel(sessionId, iterationId));
    store.predictions.put(model.id, [
      {
        imageId,
        contentHash: 'c',
        detections: [],
        bestScore: 0,
        scores: {},
        error: null,
        inferenceKey: 1,
        scoringKey: 1,
      },
    ]);
    store.runs.create({
      id: 'r',
      sessionId,
      iterationId,
      job: 'train',
      state: 'prepared',
      folder: 'runs/r',
      labelSnapshot: null,
    });
    store.runs.addMetrics('r', 1, [{ sequence: 1, epoch: 1, name: 'loss', value: 2 }]);
    const event = store.labelEvents.begin(newEvent(imageId, { sampleId: at(sampleIds, 0) }));
    store.labelEvents.complete(event.id, { labelHash: 'h' });

    store.sessions.delete(sessionId);

    expect(store.sessions.get(sessionId)).toBeNull();
    expect(store.images.count({ datasetId })).toBe(6);
    expect(store.images.get(imageId)?.labelHash).toBe('h');
    expect(store.labelEvents.history(imageId)).toEqual([{ ...event, state: 'done', sampleId: null }]);
    const reader = new Database(databasePath, { readonly: true });
    const tables = [
      'training_iterations',
      'uncertain_samples',
      'model_versions',
      'predictions',
      'runs',
      'metric_series',
    ];
    const counts = tables.map((table) => reader.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
    reader.close();
    expect(counts).toEqual([0, 0, 0, 0, 0, 0]);
    expect(() => store.sessions.delete(sessionId)).toThrow(expect.objectContaining({ code: 'not-found' }));
    const next = store.sessions.create(datasetId, settings);
    expect(next.id).not.toBe(sessionId);
  });
});
