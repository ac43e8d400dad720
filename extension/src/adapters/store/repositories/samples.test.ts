import { afterEach, describe, expect, it } from 'vitest';
import Database from 'better-sqlite3';
import type { Verdict } from '../../../core/session/types.ts';
import type { StoreCore } from '../storeCore.ts';
import { at, createProject, newEvent, newSample, Workbench } from '../testing/fixtures.ts';
import { verdicts } from '../rows/vocabulary.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

function decide(store: StoreCore, imageId: number, sampleId: number, verdict: Verdict): void {
  const event = store.labelEvents.begin(newEvent(imageId, { sampleId, verdictAfter: verdict }));
  store.labelEvents.complete(event.id, { labelHash: 'h', reviewSeconds: 2 });
}

describe('samples', () => {
  it('are listed by rank, with every field', () => {
    const store = bench.open();
    const { iterationId, imageIds } = createProject(store);
    const bare = newSample(at(imageIds, 4), 1, {
      uncertaintyScore: null,
      confidenceVariance: null,
      entropyScore: null,
      combinedScore: null,
      scores: {},
      predictedBoxes: [],
      maxConfidence: null,
      minConfidence: null,
      reasons: [],
    });
    const full = newSample(at(imageIds, 5), 2);
    store.samples.replaceBatch(iterationId, [full, bare]);
    const open = { iterationId, verdict: null, reviewSeconds: null, reviewedAt: null };
    const rows = store.samples.list(iterationId);
    expect(rows).toEqual([
      { id: at(rows, 0).id, ...open, ...bare },
      { id: at(rows, 1).id, ...open, ...full },
    ]);
    expect(store.samples.get(at(rows, 1).id)).toEqual(rows[1]);
    expect(store.samples.get(999)).toBeNull();
  });

  it('are replaced all together until the first verdict', () => {
    const store = bench.open();
    const { iterationId, imageIds, datasetId } = createProject(store);
    store.samples.replaceBatch(iterationId, [newSample(at(imageIds, 5), 1)]);
    expect(store.samples.openImageIds(datasetId)).toEqual([imageIds[5]]);
    const sampleId = at(store.samples.list(iterationId), 0).id;

    const event = store.labelEvents.begin(newEvent(at(imageIds, 5), { sampleId }));
    const refused = expect.objectContaining({ code: 'batch-reviewed' });
    expect(() => store.samples.replaceBatch(iterationId, [])).toThrow(refused);
    store.labelEvents.complete(event.id, { labelHash: 'h' });
    expect(() => store.samples.replaceBatch(iterationId, [])).toThrow(refused);
    expect(store.samples.list(iterationId)).toHaveLength(1);
  });

  it('keep the old batch if the new one cannot be stored', () => {
    const store = bench.open();
    const { iterationId, imageIds } = createProject(store);
    const before = store.samples.list(iterationId);
    const image = at(imageIds, 3);
    expect(() => store.samples.replaceBatch(iterationId, [newSample(image, 1), newSample(999, 2)])).toThrow(
      expect.objectContaining({ code: 'not-found' }),
    );
    expect(() =>
      store.samples.replaceBatch(iterationId, [newSample(image, 1, { scores: { margin: Number.NaN } })]),
    ).toThrow(expect.objectContaining({ code: 'invalid-value', message: expect.stringContaining('margin') }));
    expect(() => store.samples.replaceBatch(iterationId, [newSample(image, 1), newSample(image, 2)])).toThrow(
      expect.objectContaining({ code: 'invalid-value' }),
    );
    expect(store.samples.list(iterationId)).toEqual(before);
  });

  it('are counted by verdict', () => {
    const store = bench.open();
    const { iterationId, datasetId, imageIds, sampleIds } = createProject(store, 6, 5);
    const untimed = { labelled: 0, seconds: 0, timed: 0 };
    expect(store.samples.progress(iterationId)).toEqual({ total: 5, open: 5, byVerdict: {}, ...untimed });
    expect(store.samples.progress(999)).toEqual({ total: 0, open: 0, byVerdict: {}, ...untimed });
    decide(store, at(imageIds, 0), at(sampleIds, 0), 'accepted');
    decide(store, at(imageIds, 1), at(sampleIds, 1), 'accepted');
    decide(store, at(imageIds, 2), at(sampleIds, 2), 'rejected-later');
    expect(store.samples.progress(iterationId)).toEqual({
      total: 5,
      open: 2,
      byVerdict: { accepted: 2, 'rejected-later': 1 },
      labelled: 0,
      seconds: 6,
      timed: 3,
    });
    expect(store.samples.openImageIds(datasetId)).toEqual([imageIds[3], imageIds[4]]);
    expect(store.samples.openImageIds(999)).toEqual([]);
    // After the iteration, images without a verdict may be selected again.
    store.iterations.update(iterationId, { status: 'completed' });
    expect(store.samples.openImageIds(datasetId)).toEqual([]);
  });

  it.each([null, ...(Object.keys(verdicts) as Verdict[])])('have the four generated columns for %s', (verdict) => {
    const databasePath = bench.databasePath();
    const store = bench.open(databasePath);
    const { imageIds, sampleIds } = createProject(store, 1, 1);
    if (verdict !== null) decide(store, at(imageIds, 0), at(sampleIds, 0), verdict);
    const reader = new Database(databasePath, { readonly: true });
    const row = reader.prepare('SELECT reviewed, accepted, corrected, rejected FROM uncertain_samples').get();
    reader.close();
    expect(row).toEqual({
      reviewed: verdict === null ? 0 : 1,
      accepted: verdict === 'accepted' ? 1 : 0,
      corrected: verdict === 'corrected' ? 1 : 0,
      rejected: verdict?.startsWith('rejected-') === true ? 1 : 0,
    });
  });

  it('are counted as labelled if they were corrected and nothing was predicted', () => {
    const store = bench.open();
    const { iterationId, imageIds } = createProject(store, 3, 0);
    const nothing = { predictedBoxes: [], maxConfidence: null, minConfidence: null };
    store.samples.replaceBatch(iterationId, [
      newSample(at(imageIds, 0), 1, nothing),
      newSample(at(imageIds, 1), 2, nothing),
      newSample(at(imageIds, 2), 3),
    ]);
    const ids = store.samples.list(iterationId).map(({ id }) => id);
    decide(store, at(imageIds, 0), at(ids, 0), 'corrected');
    decide(store, at(imageIds, 1), at(ids, 1), 'rejected-background');
    decide(store, at(imageIds, 2), at(ids, 2), 'corrected');
    expect(store.samples.progress(iterationId)).toMatchObject({ byVerdict: { corrected: 2 }, labelled: 1 });
    expect(store.samples.queue(iterationId).map(({ unpredicted }) => unpredicted)).toEqual([true, true, false]);
  });

  it('are listed as a queue, in their order, with their verdicts', () => {
    const databasePath = bench.databasePath();
    const store = bench.open(databasePath);
    const { iterationId, imageIds, sampleIds } = createProject(store);
    const event = store.labelEvents.begin(newEvent(at(imageIds, 1), { sampleId: at(sampleIds, 1) }));
    store.labelEvents.complete(event.id, { labelHash: 'h', reviewSeconds: 2.5 });
    const rows = store.samples.list(iterationId);
    expect(store.samples.queue(iterationId)).toEqual(
      rows.map(({ id, imageId, verdict, reviewSeconds, maxConfidence }) => ({
        id,
        iterationId,
        imageId,
        verdict,
        reviewSeconds,
        unpredicted: maxConfidence === null,
      })),
    );
    expect(store.samples.queue(iterationId).map(({ verdict }) => verdict)).toEqual([null, 'accepted', null]);
    expect(store.samples.queue(iterationId).map((one) => one.reviewSeconds)).toEqual([null, 2.5, null]);
    expect(store.samples.progress(iterationId)).toMatchObject({ open: 2, seconds: 2.5, timed: 1 });
    store.close();
    const writer = new Database(databasePath);
    writer.exec(`UPDATE uncertain_samples SET verdict = 'perhaps' WHERE id = ${at(sampleIds, 0)}`);
    writer.close();
    const again = bench.open(databasePath);
    expect(again.samples.queue(iterationId).map(({ verdict }) => verdict)).toEqual(['accepted', null]);
    expect(again.samples.queue(iterationId).map((one) => one.reviewSeconds)).toEqual([2.5, null]);
    expect(again.takeWarnings()).toHaveLength(1);
  });

  it('are listed for some images only', () => {
    const store = bench.open();
    const { iterationId, imageIds } = createProject(store);
    const [first, second, third] = store.samples.list(iterationId);
    expect(store.samples.list(iterationId, [at(imageIds, 2), at(imageIds, 0), at(imageIds, 5)])).toEqual([
      first,
      third,
    ]);
    expect(store.samples.list(iterationId, [at(imageIds, 1)])).toEqual([second]);
  });

  it('are added to the end of a batch, each image once', () => {
    const store = bench.open();
    const { iterationId, imageIds, sampleIds } = createProject(store);
    decide(store, at(imageIds, 0), at(sampleIds, 0), 'accepted');
    const more = [5, 0, 4, 5].map((index) => newSample(at(imageIds, index), 0, { reasons: ['chosen by hand'] }));
    expect(store.samples.append(iterationId, more)).toBe(2);
    const rows = store.samples.list(iterationId);
    expect(rows.map(({ imageId, rank, verdict }) => [imageIds.indexOf(imageId), rank, verdict])).toEqual([
      [0, 1, 'accepted'],
      [1, 2, null],
      [2, 3, null],
      [5, 4, null],
      [4, 5, null],
    ]);
    expect(at(rows, 3).reasons).toEqual(['chosen by hand']);
  });

  it('are listed as the newest of each image in a session', () => {
    const store = bench.open();
    const { sessionId, iterationId, imageIds, sampleIds } = createProject(store);
    decide(store, at(imageIds, 0), at(sampleIds, 0), 'skipped');
    decide(store, at(imageIds, 1), at(sampleIds, 1), 'corrected');
    const next = store.iterations.create(sessionId, 1, 'selecting');
    store.samples.replaceBatch(next.id, [newSample(at(imageIds, 0), 1)]);
    const newest = store.samples.newest(sessionId);
    expect(newest.map(({ imageId, iterationId: of, verdict }) => [imageIds.indexOf(imageId), of, verdict])).toEqual([
      [0, next.id, null],
      [1, iterationId, 'corrected'],
      [2, iterationId, null],
    ]);
    expect(store.samples.newest(sessionId + 1)).toEqual([]);
  });
});
