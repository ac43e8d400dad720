import { readFileSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { at, createProject, newEvent, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

type Columns = Record<string, string[]>;

/** `column type` by table, from the file. Hidden columns are generated ones. */
function realTables(): Columns {
  const databasePath = bench.databasePath();
  bench.open(databasePath).close();
  const reader = new Database(databasePath, { readonly: true });
  const names = reader
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY rowid`)
    .pluck()
    .all() as string[];
  const columns = reader.prepare(`SELECT name || ' ' || type FROM pragma_table_xinfo(?)`).pluck();
  const tables = Object.fromEntries(names.map((name) => [name, columns.all(name) as string[]]));
  reader.close();
  return tables;
}

const document = readFileSync(
  path.join(import.meta.dirname, '..', '..', '..', '..', '..', 'docs', 'database.md'),
  'utf8',
);

/** The same from the document, which has a heading per table and a row per column. */
function documentedTables(): Columns {
  const sections = document.split(/^### /mu).slice(1);
  return Object.fromEntries(
    sections.map((section) => {
      const rows = [...section.matchAll(/^\| (\w+) +\| (\w+) +\|/gmu)].slice(1);
      return [section.slice(0, section.indexOf('\n')).trim(), rows.map(([, name, type]) => `${name} ${type}`)];
    }),
  );
}

describe('docs/database.md', () => {
  it('lists exactly the tables and columns of the database, in the same order', () => {
    expect(documentedTables()).toEqual(realTables());
    expect(Object.keys(documentedTables())).toEqual(Object.keys(realTables()));
  });

  it('contains only queries that run', () => {
    const databasePath = bench.databasePath();
    const store = bench.open(databasePath);
    const { imageIds, sampleIds } = createProject(store);
    const sample = { sampleId: at(sampleIds, 0) };
    const event = store.labelEvents.begin(newEvent(at(imageIds, 0), sample));
    store.labelEvents.complete(event.id, { labelHash: 'h', reviewSeconds: 4 });
    const queries = /^```sql\n(.*?)^```/msu.exec(document)?.[1]?.split(';\n') ?? [];
    const reader = new Database(databasePath, { readonly: true });
    const results = queries.filter((query) => query.trim() !== '').map((query) => reader.prepare(query).all());
    reader.close();
    expect(results).toHaveLength(5);
    expect(results[1]).toEqual([
      { iteration_number: 0, reviewed: 1, accepted: 1, corrected: 0, rejected: 0, seconds: 4 },
    ]);
  });
});

describe('the schema', () => {
  // Stable names for users who read the file themselves.
  it.each<[table: string, columns: string]>([
    [
      'training_sessions',
      `id name description dataset_id base_model epochs batch_size learning_rate image_size max_iterations min_uncertainty
       max_samples_per_iteration uncertainty_weights strategy settings seed status current_iteration best_map50
       best_map50_95 created_at started_at completed_at`,
    ],
    [
      'training_iterations',
      `id session_id iteration_number status training_images_count training_boxes_count validation_images_count
       validation_revision_id map50 map50_95 precision recall loss model_path weights_path training_time_seconds
       scoring_time_seconds run_id started_at completed_at`,
    ],
    [
      'uncertain_samples',
      `id iteration_id image_id rank uncertainty_score confidence_variance entropy_score combined_score scores
       predicted_boxes max_confidence min_confidence reasons verdict review_seconds reviewed_at reviewed accepted corrected
       rejected`,
    ],
    [
      'model_versions',
      `id session_id iteration_id version_number model_path weights_path performance_metrics is_active is_best
       model_size_mb label_snapshot lineage created_at`,
    ],
    ['images', 'dataset_id root_id relative_path content_hash label_hash width height split state capture_group'],
    ['predictions', 'model_version_id image_id boxes'],
    ['label_events', 'image_id cause before after state owner'],
    ['runs', 'lease state'],
    ['metric_series', 'run_id sequence epoch name value'],
    ['datasets', 'id'],
    ['dataset_roots', 'id'],
    ['validation_revisions', 'id'],
  ])('has the documented columns of %s', (table, columns) => {
    const names = realTables()[table]?.map((column) => column.split(' ')[0]);
    expect(names).toEqual(expect.arrayContaining(columns.split(/\s+/u)));
  });

  it('has an index for each foreign key', () => {
    const databasePath = bench.databasePath();
    bench.open(databasePath).close();
    const reader = new Database(databasePath, { readonly: true });
    const keys = reader
      .prepare(
        `SELECT t.name AS "table", f."from" AS "column" FROM sqlite_schema AS t, pragma_foreign_key_list(t.name) AS f
         WHERE t.type = 'table'`,
      )
      .all() as { table: string; column: string }[];
    const leading = reader.prepare(
      `SELECT c.name FROM pragma_index_list(?) AS l, pragma_index_info(l.name) AS c WHERE c.seqno = 0`,
    );
    const bare = keys.filter(({ table, column }) => !leading.pluck().all(table).includes(column));
    reader.close();
    expect(keys.length).toBeGreaterThan(10);
    expect(bare).toEqual([]);
  });
});
