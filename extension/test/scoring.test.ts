import { join } from 'node:path';
import { afterEach, describe, expect, test } from 'vitest';
import type { Detection } from '../src/core/detection/types.ts';
import { rescanDataset } from '../src/workflow/dataset/datasets.ts';
import { scoreVersion } from '../src/workflow/iteration/score.ts';
import { scoredOn } from '../src/workflow/models/scoringProvider.ts';
import { explainPrediction, scoreOptionsOf } from '../src/workflow/iteration/scoring/scoringPlan.ts';
import { denseScores } from './support/denseScores.ts';
import { classNames, paintObjects, type PaintedObject } from './support/fakePorts.ts';
import { ScoringBench } from './support/scoringBench.ts';

const spot = (brightness: number, column = 1, classId: PaintedObject['classId'] = 0): PaintedObject => ({
  column,
  row: 1,
  classId,
  brightness,
});
const pool = { sure: [spot(250)], unsure: [spot(64)], two: [spot(250), spot(90, 5, 1)] };

let bench: ScoringBench | undefined;
afterEach(async () => {
  await bench?.close();
  bench = undefined;
});

async function opened(...args: Parameters<typeof ScoringBench.open>): Promise<ScoringBench> {
  bench = await ScoringBench.open(...args);
  return bench;
}

/** A pool of pictures with one spot each. */
const dark = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, i) => [`p${i}`, [spot(90)]]));
const silent: ScoringBench['alter'] = (result) => (result.ok ? { ...result, detections: [], bestScore: 0 } : result);

const counts = { scored: 0, rescored: 0, alreadyScored: 0, failed: 0 };

describe('scoring a pool', () => {
  test('computes every score that the head allows', async () => {
    const its = await opened(pool);
    expect(await its.score()).toMatchObject({ ...counts, scored: 3 });
    const known = await its.scores();
    expect(Object.keys(known).toSorted()).toEqual(['sure', 'two', 'unsure']);
    for (const values of Object.values(known)) {
      expect(Object.keys(values)).toEqual(denseScores);
    }
    // A box at 0.25 is at the threshold: nothing is more uncertain, though plain entropy would not say so.
    expect(known['unsure']?.['decision-entropy']).toBeCloseTo(1, 3);
    expect(known['unsure']?.['entropy']).toBeCloseTo(0.81, 2);
    expect(known['sure']?.['decision-entropy']).toBeLessThan(0.1);
  });

  test('names what ran the model, and keeps it with the version', async () => {
    const its = await opened(pool);
    const report = await its.score();
    expect(report.provider).toMatch(/^\d+ CPU threads?$/);
    const on = ` on ${report.provider}`;
    expect(its.told).toContain(`Scoring images${on}`);
    expect(its.told).toContain(`Scored ${report.scored} of ${report.scored} images${on}`);
    expect(its.told.at(-1)).toBe(`Scored ${report.scored} images${on}`);
    expect(scoredOn(await its.version())).toBe(report.provider);
    // Nothing was run: what was known stands.
    expect((await its.score()).provider).toBeNull();
    expect(scoredOn(await its.version())).toBe(report.provider);
  });

  test('runs no model for what is known, and only on the picture that changed', async () => {
    const its = await opened(pool);
    await its.score();
    const before = await its.rows();
    expect(await its.score()).toMatchObject({ ...counts, alreadyScored: 3 });
    expect(its.predicted).toEqual([]);
    expect(await its.rows()).toEqual(before);
    await paintObjects(join(its.data, 'images', 'train', 'sure.png'), [spot(100)]);
    await rescanDataset(its.ports, 1);
    expect(await its.score()).toMatchObject({ ...counts, scored: 1, alreadyScored: 2 });
    expect(its.predicted).toHaveLength(1);
  });

  test('computes scores again from stored boxes if only weights, aggregation or threshold have changed', async () => {
    const its = await opened(pool);
    await its.score();
    const before = await its.scores();
    await its.edit({ uncertaintyWeights: { confidence: 1, entropy: 0, variance: 0 } });
    expect(await its.score()).toMatchObject({ ...counts, rescored: 3 });
    expect(its.predicted).toEqual([]);
    const weighted = await its.scores();
    for (const [name, values] of Object.entries(weighted)) {
      expect(values['combined']).toBeCloseTo(values['confidence'] ?? -1, 6);
      expect(values['entropy']).toBe(before[name]?.['entropy']);
    }
    await its.edit({ aggregation: 'max' });
    expect(await its.score()).toMatchObject({ ...counts, rescored: 3 });
    expect((await its.scores())['two']?.['entropy']).toBeGreaterThan(before['two']?.['entropy'] ?? 1);
    await its.ports.store.models.updateMetrics(its.versionId, {
      decisionThreshold: 0.5,
      objectQualities: [0.9, null, 0],
    });
    expect(await its.score()).toMatchObject({ ...counts, rescored: 3 });
    const rescored = await its.scores();
    expect(rescored['unsure']?.['decision-entropy']).toBeCloseTo(0.811, 2);
    expect(rescored['unsure']).toHaveProperty('class-difficulty');
    expect(its.predicted).toEqual([]);
  });

  test('leaves sorted lists, and lets go of what versions long past predicted', async () => {
    const its = await opened(pool);
    await its.score();
    const { models, predictions } = its.ports.store;
    const [first] = await predictions.top(its.versionId, 'decision-entropy', 1);
    const image = await its.ports.store.images.get(first?.imageId ?? 0);
    expect(image?.relativePath).toContain('unsure');
    const version = await its.version();
    for (let n = 2; n <= 4; n++) {
      const { id } = await models.create(version);
      await scoreVersion(its.ports, await its.session(), { ...version, id }, {});
      // The two newest are shown, and kept.
      expect(await its.rows()).toHaveLength(n < 3 ? 3 : 0);
    }
    expect(await predictions.page(version.id + 3, 0, 10)).toHaveLength(3);
  });

  test('keeps the class vectors in what it scores again', async () => {
    const its = await opened(pool);
    await its.score();
    const before = await its.rows();
    await its.edit({ aggregation: 'mean' });
    await its.score();
    const after = await its.rows();
    expect(after.map(({ detections }) => detections)).toEqual(before.map(({ detections }) => detections));
    expect(after[0]?.detections[0]?.classScores?.classIds).toEqual([0]);
    expect(after.every((row, i) => row.scoringKey !== before[i]?.scoringKey)).toBe(true);
  });

  test('runs the model again for another size, or where the mirror image is wanted too', async () => {
    const its = await opened(pool);
    await its.score();
    await its.edit({ imageSize: 96 });
    expect(await its.score()).toMatchObject({ ...counts, scored: 3 });
    its.alter = (result, options) =>
      result.ok && options.flip === true ? { ...result, flipped: result.detections.map(shifted) } : result;
    await its.edit({ imageSize: 64, flip: true });
    expect(await its.score()).toMatchObject({ ...counts, scored: 3 });
    for (const values of Object.values(await its.scores())) expect(values['flip']).toBeCloseTo(1 - 1 / 3, 6);
    // What is known of the mirror image does no harm when it is no longer asked for.
    await its.edit({ flip: false });
    expect(await its.score()).toMatchObject({ ...counts, alreadyScored: 3 });
    // And it is enough for other weights.
    await its.edit({ aggregation: 'noisy-or' });
    expect(await its.score()).toMatchObject({ ...counts, rescored: 3 });
    expect((await its.scores())['two']?.['flip']).toBeCloseTo(1 - 1 / 9, 6);
  });

  test('goes on where it was stopped', async () => {
    const many = Object.fromEntries(Array.from({ length: 12 }, (_, i) => [`p${i}`, [spot(60 + i)]]));
    const its = await opened(many);
    const abort = new AbortController();
    its.alter = (result) => {
      if (its.predicted.length === 5) abort.abort();
      return result;
    };
    await expect(its.score(abort.signal)).rejects.toMatchObject({ code: 'cancelled' });
    const kept = (await its.rows()).length;
    expect(kept).toBeGreaterThan(0);
    expect(kept).toBeLessThan(12);
    expect(await its.score()).toMatchObject({ alreadyScored: kept, scored: 12 - kept });
    expect(await its.rows()).toHaveLength(12);
  });

  test("keeps the vectors that the same pass gives, where they are the session's own", async () => {
    const its = await opened(pool, { baseModel: 'yolov8n.yaml' });
    const put: number[] = [];
    const { embeddings } = its.ports;
    const watching = {
      ...embeddings,
      put: (...args: Parameters<typeof embeddings.put>) => {
        put.push(...args[1].map(({ imageId }) => imageId));
        return embeddings.put(...args);
      },
    };
    Object.assign(its.ports, { embeddings: watching });
    await its.score();
    expect(put.toSorted()).toEqual((await its.rows()).map(({ imageId }) => imageId));
  });
});

describe('a model that says nothing', () => {
  test('is distinguished from an empty pool, and explained', async () => {
    const its = await opened(dark(40));
    its.alter = silent;
    await expect(its.score()).rejects.toMatchObject({
      code: 'model-silent',
      message: expect.stringContaining('int8'),
      hint: expect.stringContaining('Train the iteration again'),
    });
    expect(its.predicted.length).toBeLessThan(40);
    // What it said is not taken for a result: the next try finds the fault at once.
    await expect(its.score()).rejects.toMatchObject({ code: 'model-silent' });
  });

  test('is found in a small pool too, once all of it was seen', async () => {
    const its = await opened(dark(8));
    its.alter = silent;
    await expect(its.score()).rejects.toMatchObject({ code: 'model-silent' });
  });

  test('is no model that finds something in one image', async () => {
    const its = await opened(dark(40));
    its.alter = (result, options) => (its.predicted.length === 30 ? result : silent(result, options));
    expect(await its.score()).toMatchObject({ scored: 40 });
  });
});

test('a stored prediction is explained with the threshold of its version', async () => {
  const its = await opened({ near: [spot(40)] });
  await its.score();
  const [row] = await its.rows();
  if (row === undefined) throw new Error('Nothing was scored.');
  const [session, version] = [await its.session(), await its.version()];
  const before = explainPrediction(row, 'dense', classNames, scoreOptionsOf(session, version));
  expect(before.reasons).toContain('1 box near the threshold');
  expect(before.withheldScores).toEqual({
    flip: 'the image was not mirrored; that is a setting',
    localisation: 'not available for this head',
    'class-difficulty': 'there is no labelled object in validation',
  });
  const sharper = { ...version, performanceMetrics: { decisionThreshold: 0.6 } };
  const after = explainPrediction(row, 'dense', classNames, scoreOptionsOf(session, sharper));
  expect(after.reasons).not.toContain('1 box near the threshold');
});

/** Half of the box's width to the right: IoU 1/3. */
function shifted(detection: Detection): Detection {
  const { x1, y1, x2, y2 } = detection.box;
  const step = (x2 - x1) / 2;
  return { ...detection, box: { x1: x1 + step, y1, x2: x2 + step, y2 } };
}
