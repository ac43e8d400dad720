import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { applicationId, latestVersion } from './migrate.ts';
import { migrations } from '../migrations/all.ts';
import type { Migration } from '../migrations/migration.ts';
import { toVersion5 } from '../../../../test/support/olderDatabase.ts';
import { createProject, newEvent, thrownBy, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

/** The current schema version; tests add two more. */
const current = latestVersion(migrations);
const next = current + 1;

const addColumn: Migration = {
  version: next,
  name: 'notes',
  sql: `ALTER TABLE images ADD COLUMN note TEXT; UPDATE images SET note = 'old'`,
};

function query(databasePath: string, sql: string): unknown[] {
  const reader = new Database(databasePath, { readonly: true });
  try {
    return reader.prepare(sql).pluck().all();
  } finally {
    reader.close();
  }
}

/** A database with the current schema that contains a project. */
function oldDatabase(): string {
  const databasePath = bench.databasePath();
  const store = bench.open(databasePath);
  createProject(store);
  store.close();
  return databasePath;
}

describe('migrations', () => {
  it('are numbered without gaps', () => {
    expect(migrations.map(({ version }) => version)).toEqual(migrations.map((_, index) => index + 1));
  });

  it('update an older database and keep a copy of it', () => {
    const databasePath = oldDatabase();
    const store = bench.open(databasePath, {}, [...migrations, addColumn]);
    const copy = `${databasePath}.v${current}.bak`;
    expect(store.info().schemaVersion).toBe(next);
    expect(store.info().notices).toEqual([expect.stringContaining(copy)]);
    expect(query(databasePath, 'SELECT DISTINCT note FROM images')).toEqual(['old']);
    expect(query(databasePath, 'PRAGMA user_version')).toEqual([next]);
    expect(query(copy, 'PRAGMA user_version')).toEqual([current]);
    expect(query(copy, 'PRAGMA integrity_check')).toEqual(['ok']);
    expect(query(copy, 'SELECT count(*) FROM images')).toEqual([6]);
    expect(store.sessions.list()).toHaveLength(1);

    const again = bench.open(databasePath, {}, [...migrations, addColumn]);
    expect(again.info().notices).toEqual([]);
    expect(bench.open(copy).sessions.list()).toHaveLength(1);
  });

  it('update a database of the first schema, and mark its images and predictions as outdated', () => {
    const databasePath = bench.databasePath();
    // Written with SQL, as in the first version: the current repositories use more columns.
    const old = new Database(databasePath);
    old.exec(migrations[0]?.sql ?? '');
    old.pragma(`application_id = ${applicationId}`);
    old.pragma('user_version = 1');
    old.exec(`
      INSERT INTO datasets VALUES (1, '{"kind":"yaml","path":"/data.yaml","poolFolders":[]}', '["a"]', '2026-01-01');
      INSERT INTO dataset_roots VALUES (1, 1, '/data', 'dataset');
      INSERT INTO images VALUES (7, 1, 1, 'a.jpg', 'c', NULL, 64, 48, 'train', 'unlabelled', NULL, 9, 9.5, NULL);
      INSERT INTO training_sessions (id, name, name_key, description, dataset_id, base_model, epochs, batch_size, learning_rate,
        image_size, max_iterations, min_uncertainty, max_samples_per_iteration, uncertainty_weights, strategy, settings, seed,
        status, current_iteration, created_at)
        VALUES (1, 'a', 'a', '', 1, 'm.pt', 1, 1, 0.1, 64, 1, 0, 1, '{}', 'random', '{}', 0, 'active', 1, '2026-01-01');
      INSERT INTO training_iterations (id, session_id, iteration_number, status, started_at)
        VALUES (1, 1, 1, 'scoring', '2026-01-01');
      INSERT INTO model_versions (id, session_id, iteration_id, version_number, model_path, weights_path,
        performance_metrics, is_active, model_size_mb, label_snapshot, lineage, created_at)
        VALUES (3, 1, 1, 1, 'm.onnx', 'm.pt', '{}', 1, 1, '', '{}', '2026-01-01');
      INSERT INTO predictions VALUES (3, 7, 'c', 0.5, '{"entropy":0.5}', NULL, 0, x'0100')`);
    old.close();
    const store = bench.open(databasePath);
    expect(store.images.get(7)).toMatchObject({ relativePath: 'a.jpg', perceptualHash: null });
    expect(store.predictions.keys(3, 0, 7)).toEqual([
      { imageId: 7, inferenceKey: 0, scoringKey: 0, bestScore: 0.5, failed: false },
    ]);
    expect(store.predictions.get(3, 7)).toMatchObject({ detections: [], scores: {}, scoringKey: 0 });
  });

  it('keep the label files in the journal byte for byte', () => {
    const databasePath = bench.databasePath();
    const old = bench.open(databasePath, {}, migrations.slice(0, 4));
    old.close();
    const writer = new Database(databasePath);
    writer.pragma('foreign_keys = OFF');
    const texts = ['', '0 0.5 0.5 0.1 0.1\r\n# \u00fc \u{1f600}', 'a\0b\0', '\uFEFF# x', '# Stra\uFFFDe'];
    const insert = writer.prepare(
      `INSERT INTO label_events (image_id, cause, "before", "after", state_before, state_after, state, owner, created_at)
       VALUES (1, 'verdict', ?, ?, 'unlabelled', 'labelled', 'done', '{"pid":1,"startTime":"","nonce":"n"}', '2026')`,
    );
    for (const text of texts) insert.run(null, text);
    // The newest event was deleted; its number must not be reused.
    writer.exec('INSERT INTO datasets VALUES (1, \'{"kind":"yaml","path":"/d","poolFolders":[]}\', \'[]\', \'2026\')');
    writer.exec("INSERT INTO dataset_roots VALUES (1, 1, '/data', 'dataset')");
    writer.exec(
      "INSERT INTO images VALUES (1, 1, 1, 'a', 'c', NULL, 1, 1, 'train', 'labelled', NULL, 9, 9, NULL, NULL)",
    );
    writer.exec(`DELETE FROM label_events WHERE id = ${insert.run(null, 'x').lastInsertRowid}`);
    writer.close();
    const store = bench.open(databasePath);
    const history = store.labelEvents.history(1);
    expect(history.map(({ before }) => before)).toEqual(texts.map(() => null));
    expect(history.map(({ after }) => after)).toEqual(texts.map((text) => new Uint8Array(Buffer.from(text))));
    expect(store.labelEvents.begin(newEvent(1)).id).toBe(texts.length + 2);
  });

  it('give a database from before drafts a place for them, batches the default threshold, and verdicts no group', () => {
    const databasePath = bench.databasePath();
    const now = bench.open(databasePath);
    const { sessionId, imageIds, sampleIds, iterationId } = createProject(now);
    const verdict = now.labelEvents.begin(newEvent(imageIds[0] ?? 0, { group: 'g' }));
    now.labelEvents.complete(verdict.id, { labelHash: 'h' });
    now.close();
    const old = new Database(databasePath);
    old.exec(toVersion5);
    old.close();
    const store = bench.open(databasePath);
    expect(store.iterations.get(iterationId)?.shownThresholds).toEqual({ base: 0.25, classes: {}, chosen: null });
    const key = { sessionId, imageId: imageIds[0] ?? 0, sampleId: sampleIds[0] ?? 0 };
    expect(store.drafts.get(key)).toBeNull();
    const draft = { basis: '[null,null]', history: '{}', edited: true };
    store.drafts.put(key, draft);
    expect(store.drafts.get(key)).toEqual(draft);
    expect(store.labelEvents.history(imageIds[0] ?? 0)).toMatchObject([{ id: verdict.id, group: null }]);
    expect(store.labelEvents.begin(newEvent(imageIds[1] ?? 0, { group: 'h' })).group).toBe('h');
  });

  it("also copy the contents of another window's write-ahead log", () => {
    const databasePath = bench.databasePath();
    const window = bench.open(databasePath);
    createProject(window);
    expect(existsSync(`${databasePath}-wal`)).toBe(true);
    bench.open(databasePath, {}, [...migrations, addColumn]);
    expect(query(`${databasePath}.v${current}.bak`, 'SELECT count(*) FROM images')).toEqual([6]);
  });

  it.each<[string, string, string]>([
    ['a statement that is wrong', `UPDATE images SET note = 'new'; SELEKT 1`, 'SELEKT'],
    ['a rule that is broken', `INSERT INTO datasets (id, source) VALUES (9, 'x')`, 'NOT NULL'],
    ['rows that point nowhere', 'DELETE FROM dataset_roots', 'point to rows that are not there'],
  ])('leave the old database intact after %s', (_, sql, reason) => {
    const databasePath = oldDatabase();
    const before = query(databasePath, 'SELECT sql FROM sqlite_schema ORDER BY name');
    const steps = [...migrations, addColumn, { version: next + 1, name: 'broken step', sql }];
    const error = thrownBy(() => bench.open(databasePath, {}, steps));
    expect(error).toMatchObject({ code: 'migration-failed', where: databasePath });
    expect(error).toMatchObject({ message: expect.stringContaining(`step ${next + 1} (broken step)`) });
    expect(error).toMatchObject({ message: expect.stringContaining(reason) });
    expect(query(databasePath, 'PRAGMA user_version')).toEqual([current]);
    expect(query(databasePath, 'SELECT sql FROM sqlite_schema ORDER BY name')).toEqual(before);
    const store = bench.open(databasePath);
    expect(store.sessions.list()).toHaveLength(1);
    expect(store.images.count({ datasetId: 1 })).toBe(6);
  });

  it('leave no partial database if the first schema fails', () => {
    const databasePath = bench.databasePath();
    const broken = { version: 1, name: 'broken', sql: 'CREATE TABLE a (b TEXT); SELEKT 1' };
    expect(thrownBy(() => bench.open(databasePath, {}, [broken]))).toMatchObject({ code: 'migration-failed' });
    expect(readdirSync(path.dirname(databasePath)).filter((name) => name.includes('bak'))).toEqual([]);
    expect(bench.open(databasePath).sessions.list()).toEqual([]);
  });

  it('may rebuild a table that others reference', () => {
    const databasePath = oldDatabase();
    const rebuild: Migration = {
      version: next,
      name: 'rebuild datasets',
      sql: `CREATE TABLE new (id INTEGER PRIMARY KEY AUTOINCREMENT, source TEXT NOT NULL, class_names TEXT NOT NULL,
              created_at TEXT NOT NULL, validation_drawn INTEGER NOT NULL, note TEXT) STRICT;
            INSERT INTO new SELECT *, NULL FROM datasets; DROP TABLE datasets; ALTER TABLE new RENAME TO datasets`,
    };
    const store = bench.open(databasePath, {}, [...migrations, rebuild]);
    expect(store.images.count({ datasetId: 1 })).toBe(6);
    expect(() => store.images.insert(99, [])).not.toThrow();
    expect(() => store.sessions.create(99, { ...store.sessions.list()[0], name: 'x' } as never)).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
  });

  it('reject a database of a newer version and leave it unchanged', () => {
    const databasePath = oldDatabase();
    bench.open(databasePath, {}, [...migrations, addColumn]).close();
    const before = readFileSync(databasePath);
    const files = readdirSync(path.dirname(databasePath));
    const error = thrownBy(() => bench.open(databasePath));
    expect(error).toMatchObject({
      code: 'newer-version',
      where: databasePath,
      message: expect.stringContaining(`schema ${next}, this one knows ${current}`),
      hint: expect.stringContaining('Update the extension'),
    });
    expect(readFileSync(databasePath)).toEqual(before);
    expect(readdirSync(path.dirname(databasePath))).toEqual(files);
  });
});
