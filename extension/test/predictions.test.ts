import { readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { runIteration } from '../src/workflow/iteration/runIteration.ts';
import { finishReview } from '../src/workflow/review/finishReview.ts';
import { createSession, deleteSession } from '../src/workflow/session/sessions.ts';
import { makePaintedDataset, openFakePorts, rowOf, type PaintedObject } from './support/fakePorts.ts';

let root = '';
beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'predictions-'))));
afterEach(() => rm(root, { recursive: true, force: true }));

const spot = (brightness: number): PaintedObject => ({ column: 3, row: 3, classId: 1, brightness });

test('a scored pool is sorted, and old versions lose their predictions but for the best and the two newest', async () => {
  const { ports, workspace } = await openFakePorts(root);
  try {
    const pool = [30, 90, 150, 210].map((brightness) => [`pool ${brightness}`, { spots: [spot(brightness)] }] as const);
    const known = ['a', 'b', 'c', 'd'].map(
      (name) => [name, { spots: [spot(240)], label: `${rowOf(spot(240))}\n` }] as const,
    );
    const path = await makePaintedDataset(join(root, 'data'), Object.fromEntries([...known, ...pool]));
    const settings = { name: 'Spots', baseModel: 'yolov8n.yaml', imageSize: 64, strategy: 'random' };
    const { session } = await createSession(ports, { kind: 'yaml', path, poolFolders: [] }, settings);
    for (let n = 1; n <= 5; n++) await finishReview(ports, (await runIteration(ports, session.id)).id);

    const versions = await ports.store.models.list(session.id);
    const reader = new Database(join(root, '.active-learning', 'sessions.db'), { readonly: true });
    const idsIn = (table: string): unknown[] =>
      reader.prepare(`SELECT DISTINCT model_version_id FROM ${table} ORDER BY 1`).pluck().all();
    // Every version is as good as the first, so the first one stays the best.
    const kept = [1, 4, 5].map((number) => versions.find((version) => version.versionNumber === number)?.id);
    for (const table of ['predictions', 'score_indexes', 'image_scores', 'image_classes']) {
      expect([table, idsIn(table)]).toEqual([table, kept]);
    }
    expect(reader.prepare('SELECT DISTINCT state FROM score_indexes').pluck().all()).toEqual(['complete']);
    reader.close();

    const newest = versions.at(-1)?.id ?? 0;
    const names = new Map(
      (await ports.store.images.find({ datasetId: session.datasetId })).map((row) => [row.id, row.relativePath]),
    );
    const nameOf = ({ imageId }: { imageId: number }): string => names.get(imageId)?.replace(/.*\/|\.png/g, '') ?? '';
    const sure = await ports.store.predictions.top(newest, 'confidence', 10);
    expect(sure.map(nameOf)).toEqual(['pool 30', 'pool 90', 'pool 150', 'pool 210']);
    const [first] = await ports.store.predictions.byClass(newest, 1, 1);
    expect(first && nameOf(first)).toBe('pool 210');

    const vectors = (): string[] =>
      readdirSync(join(root, '.active-learning', 'cache')).filter((name) => name.startsWith('embeddings-'));
    expect(vectors()).not.toEqual([]);
    await deleteSession(ports, session.id);
    expect(vectors()).toEqual([]);
  } finally {
    await workspace.close();
  }
});
