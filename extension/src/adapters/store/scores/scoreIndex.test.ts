import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import type { Detection } from '../../../core/detection/types.ts';
import { createRandom } from '../../../core/random.ts';
import type { PredictionRow, ScoredImage, ScoreOrder } from '../../../workflow/ports/store/predictions.ts';
import type { StoreCore } from '../storeCore.ts';
import { createProject, newModel, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

const random = createRandom(7);
const classCount = 4;

function detection(): Detection {
  const classId = Math.floor(random() * classCount);
  const confidence = Math.fround(0.05 + random() * 0.9);
  const box = { x1: 1, y1: 2, x2: 30, y2: 40 };
  if (random() < 0.3) return { classId, confidence, box };
  const classScores = {
    classIds: [classId, (classId + 1) % classCount].toSorted(),
    scores: [confidence, Math.fround(0.06)],
  };
  return { classId, confidence, box, classScores };
}

/** Few distinct scores, so that many are equal. */
function prediction(imageId: number): PredictionRow {
  const failed = random() < 0.05;
  return {
    imageId,
    contentHash: 'c',
    detections: failed ? [] : Array.from({ length: Math.floor(random() * 4) }, detection),
    bestScore: random(),
    scores: failed ? {} : { entropy: Math.floor(random() * 5) / 5, ...(random() < 0.8 ? { margin: random() } : {}) },
    error: failed ? 'unreadable-image' : null,
    inferenceKey: 1,
    scoringKey: 1,
  };
}

interface Scene {
  readonly store: StoreCore;
  readonly databasePath: string;
  readonly sessionId: number;
  readonly iterationId: number;
  readonly versionId: number;
  readonly imageIds: readonly number[];
}

function scene(images: number): Scene {
  const databasePath = bench.databasePath();
  const store = bench.open(databasePath);
  const { sessionId, iterationId, imageIds } = createProject(store, images, 0);
  const versionId = store.models.create(newModel(sessionId, iterationId)).id;
  store.predictions.put(versionId, imageIds.map(prediction));
  return { store, databasePath, sessionId, iterationId, versionId, imageIds };
}

function buildIndex(store: StoreCore, versionId: number): number {
  for (let steps = 1; ; steps++) if (store.predictions.indexScores(versionId).left === 0) return steps;
}

/** All images in order, in pages of 7. */
function pages(page: (after?: ScoredImage) => ScoredImage[]): ScoredImage[] {
  const all: ScoredImage[] = [];
  for (;;) {
    const next = page(all.at(-1));
    all.push(...next);
    if (next.length === 0) return all;
  }
}

const ranking = ({ store, versionId }: Scene, metric: string): ScoredImage[] =>
  pages((after) => store.predictions.top(versionId, metric, 7, after));
const ofClass = ({ store, versionId }: Scene, classId: number): ScoredImage[] =>
  pages((after) => store.predictions.byClass(versionId, classId, 7, after));
const inColumns = ({ store, versionId }: Scene, order: ScoreOrder): ScoredImage[] => {
  const { imageIds, values } = store.predictions.rank(versionId, order);
  return Array.from(imageIds, (imageId, row) => ({ imageId, score: values[row] ?? Number.NaN }));
};
const inOrder = (all: readonly ScoredImage[]): ScoredImage[] =>
  all.toSorted((a, b) => b.score - a.score || a.imageId - b.imageId);

/** Compares with the order computed from the rows. */
function expectTrue(at: Scene): void {
  const rows = at.store.predictions.page(at.versionId, 0, 10_000);
  for (const metric of ['entropy', 'margin']) {
    const wanted = rows.flatMap(({ imageId, scores }) => {
      const score = scores[metric];
      return score === undefined ? [] : [{ imageId, score }];
    });
    expect(ranking(at, metric)).toEqual(inOrder(wanted));
    expect(inColumns(at, { kind: 'score', metric })).toEqual(inOrder(wanted));
  }
  for (let classId = 0; classId < classCount; classId++) {
    const wanted = rows.flatMap(({ imageId, detections }) => {
      const sum = detections.reduce((total, { classId: own, confidence, classScores }) => {
        if (classScores === undefined) return own === classId ? total + confidence : total;
        const place = classScores.classIds.indexOf(classId);
        return place < 0 ? total : total + (classScores.scores[place] ?? 0);
      }, 0);
      return sum > 0 ? [{ imageId, score: Math.fround(sum) }] : [];
    });
    expect(ofClass(at, classId)).toEqual(inOrder(wanted));
    expect(inColumns(at, { kind: 'class', classId })).toEqual(inOrder(wanted));
  }
}

function sorted({ databasePath }: Scene): { scores: number; classes: number; state: unknown } {
  const reader = new Database(databasePath, { readonly: true });
  const count = (table: string): number => Number(reader.prepare(`SELECT count(*) FROM ${table}`).pluck().get());
  const state = reader.prepare('SELECT state FROM score_indexes').pluck().get() ?? null;
  const counts = { scores: count('image_scores'), classes: count('image_classes'), state };
  reader.close();
  return counts;
}

describe('sorted scores', () => {
  it('are the same with and without an index, on every page', () => {
    const at = scene(300);
    expect(sorted(at).state).toBeNull();
    expectTrue(at);
    expect(buildIndex(at.store, at.versionId)).toBeGreaterThan(3);
    expect(sorted(at).state).toBe('complete');
    expectTrue(at);
    expect(at.store.predictions.top(at.versionId, 'unheard of', 5)).toEqual([]);
    expect(at.store.predictions.byClass(at.versionId, 99, 5)).toEqual([]);
    expect(inColumns(at, { kind: 'score', metric: 'unheard of' })).toEqual([]);
    expect(buildIndex(at.store, at.versionId)).toBe(1);
  });

  it('are updated after a few changes, and dropped after many', () => {
    const at = scene(120);
    buildIndex(at.store, at.versionId);
    at.store.predictions.put(at.versionId, at.imageIds.slice(0, 40).map(prediction));
    at.store.predictions.rescore(
      at.versionId,
      at.imageIds.slice(20, 60).map((imageId) => ({ imageId, scores: { margin: random() }, scoringKey: 2 })),
    );
    expect(sorted(at).state).toBe('complete');
    expectTrue(at);
    for (let round = 0; round < 9; round++) at.store.predictions.put(at.versionId, at.imageIds.map(prediction));
    expect(sorted(at).state).toBeNull();
    expectTrue(at);
    buildIndex(at.store, at.versionId);
    expectTrue(at);
    const rows = at.store.predictions.page(at.versionId, 0, 1000);
    expect(sorted(at).scores).toBe(rows.reduce((sum, { scores }) => sum + Object.keys(scores).length, 0));
  });

  it('are sorted again if a process changes predictions meanwhile', () => {
    const at = scene(60);
    const other = bench.open(at.databasePath);
    for (const writer of [at.store, other]) {
      at.store.predictions.put(at.versionId, at.imageIds.map(prediction));
      for (let step = 0; step < 4; step++) at.store.predictions.indexScores(at.versionId);
      writer.predictions.put(at.versionId, at.imageIds.slice(0, 10).map(prediction));
      expectTrue(at);
      buildIndex(at.store, at.versionId);
      expect(sorted(at).state).toBe('complete');
      expectTrue(at);
      // Enough changes that the next round starts without an index.
      for (let round = 0; round < 20; round++) at.store.predictions.put(at.versionId, at.imageIds.map(prediction));
    }
  });

  it('are sorted by the next process if one crashed halfway', () => {
    const at = scene(60);
    for (let step = 0; step < 4; step++) at.store.predictions.indexScores(at.versionId);
    expect(sorted(at).state).toBe('building');
    expect(sorted(at).scores).toBeGreaterThan(0);
    const next = bench.open(at.databasePath);
    expectTrue({ ...at, store: next });
    buildIndex(next, at.versionId);
    expectTrue({ ...at, store: next });
  });

  it('are deleted with their version', () => {
    const at = scene(20);
    buildIndex(at.store, at.versionId);
    at.store.sessions.delete(at.sessionId);
    expect(sorted(at)).toEqual({ scores: 0, classes: 0, state: null });
  });
});

describe('predictions in columns', () => {
  it('contain the values of the rows', () => {
    const { store, versionId } = scene(100);
    for (const after of [0, 40]) {
      const rows = store.predictions.page(versionId, after, 50);
      const columns = store.predictions.columns(versionId, after, 50);
      expect([...columns.imageIds]).toEqual(rows.map(({ imageId }) => imageId));
      expect([...columns.bestScores]).toEqual(rows.map(({ bestScore }) => bestScore));
      expect([...columns.boxCounts]).toEqual(rows.map(({ detections }) => detections.length));
      expect([...columns.failed]).toEqual(rows.map(({ error }) => (error === null ? 0 : 1)));
      for (const metric of ['entropy', 'margin']) {
        expect([...(columns.scores[metric] ?? [])]).toEqual(rows.map(({ scores }) => scores[metric] ?? Number.NaN));
      }
      const { starts, classIds } = columns.expected;
      expect(starts).toHaveLength(rows.length + 1);
      expect(rows.map((_, i) => [...classIds.subarray(starts[i], starts[i + 1])])).toEqual(
        rows.map(({ detections }) => [
          ...new Set(detections.flatMap((one) => one.classScores?.classIds ?? [one.classId]).toSorted()),
        ]),
      );
    }
    expect(store.predictions.columns(versionId, 10_000, 5).imageIds).toHaveLength(0);
  });

  it.each(['scores', 'boxes'])(
    'count a row whose %s are damaged as an image that could not be scored, and name it',
    (column) => {
      const { store, versionId, databasePath, imageIds } = scene(5);
      const before = [...store.predictions.columns(versionId, 0, 10).failed];
      const vandal = new Database(databasePath);
      vandal.prepare(`UPDATE predictions SET ${column} = x'010005' WHERE image_id = ?`).run(imageIds[2]);
      vandal.close();
      const columns = store.predictions.columns(versionId, 0, 10);
      expect([...columns.failed]).toEqual(before.with(2, 1));
      expect([...columns.imageIds]).toEqual(imageIds);
      expect(store.takeWarnings().join(' ')).toContain(`image_id ${imageIds[2]}`);
    },
  );
});

describe('predictions of old versions', () => {
  it('are deleted in small steps, except for the active, the best and the two newest versions', () => {
    const at = scene(30);
    const { store, sessionId, iterationId, imageIds, versionId: first } = at;
    const further = [2, 3, 4, 5, 6].map(() => store.models.create(newModel(sessionId, iterationId)).id);
    for (const id of further) store.predictions.put(id, imageIds.map(prediction));
    const [second, third, fourth, fifth, sixth] = further;
    const other = store.sessions.create(1, { ...store.sessions.list()[0], name: 'Other' } as never);
    const otherVersion = store.models.create(newModel(other.id, store.iterations.create(other.id, 1, 'scoring').id)).id;
    store.predictions.put(otherVersion, imageIds.map(prediction));
    buildIndex(store, first);
    buildIndex(store, second ?? 0);
    store.models.setBest(second ?? 0);
    store.models.setActive(third ?? 0);
    const counts: number[] = [];
    for (let n = store.predictions.prune(sessionId, 40); n > 0; n = store.predictions.prune(sessionId, 40))
      counts.push(n);
    expect(counts.slice(0, -1)).toEqual(counts.slice(0, -1).map(() => 40));
    const left = [first, ...further, otherVersion].filter((id) => store.predictions.page(id, 0, 1).length > 0);
    expect(left).toEqual([second, third, fifth, sixth, otherVersion]);
    expect(store.predictions.page(fourth ?? 0, 0, 1)).toEqual([]);
    expectTrue({ ...at, versionId: second ?? 0 });
    while (store.predictions.prune(sessionId, 1000, 'all') > 0);
    const gone = [first, ...further, otherVersion].filter((id) => store.predictions.page(id, 0, 1).length === 0);
    expect(gone).toEqual([first, ...further]);
    expect(sorted(at)).toMatchObject({ scores: 0, classes: 0, state: null });
    // Deleted predictions can be stored again.
    store.predictions.put(first, imageIds.map(prediction));
    expectTrue(at);
  });
});
