import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { beforeEach, describe, expect, test } from 'vitest';
import { strategies } from '../src/core/selection/registry.ts';
import type { DatasetSource } from '../src/core/dataset/types.ts';
import type { SessionSettings } from '../src/core/session/types.ts';
import type { Ports } from '../src/workflow/ports/ports.ts';
import { runIteration } from '../src/workflow/iteration/runIteration.ts';
import { selectBatch } from '../src/workflow/iteration/selection/selectBatch.ts';
import type { SampleRow } from '../src/workflow/ports/store/samples.ts';
import { applyBatchChange } from '../src/workflow/iteration/applyBatchChange.ts';
import { previewBatch } from '../src/workflow/iteration/selection/previewBatch.ts';
import { finishReview } from '../src/workflow/review/finishReview.ts';
import { submitVerdict } from '../src/workflow/review/verdicts.ts';
import { createSession, editSession } from '../src/workflow/session/sessions.ts';
import { simulate, type Oracle } from '../src/workflow/simulation/simulate.ts';
import { encodeLabelText } from '../src/core/dataset/labelText.ts';
import { makePaintedDataset, rowOf, type PaintedObject } from './support/fakePorts.ts';
import { bench, useWorkspaces } from './support/useCaseBench.ts';

useWorkspaces('selection-');
let root = '';
let ports: Ports;
beforeEach(() => {
  ({ root, ports } = bench());
});

const spot = (index: number, classId: 0 | 1 | 2, brightness: number): PaintedObject => ({
  column: index % 8,
  row: Math.floor(index / 8) % 8,
  classId,
  brightness,
});
const settings = { name: 'Spots', baseModel: 'yolov8n.yaml', imageSize: 64, maxSamplesPerIteration: 10, seed: 3 };

/** 12 labelled pictures of red spots, and 36 others: red, green and blue ones of all brightnesses, six empty. */
async function makeSource(): Promise<DatasetSource> {
  const known = Array.from({ length: 12 }, (_, i) => {
    const red = spot(i * 5, 0, 240);
    return [`known-${i}`, { spots: [red], label: `${rowOf(red)}\n` }] as const;
  });
  const pool = Array.from({ length: 36 }, (_, i) => {
    const classId = i % 9 === 0 ? 2 : i % 3 === 0 ? 1 : 0;
    return [`pool-${i}`, { spots: i % 6 === 5 ? [] : [spot(i, classId, 60 + 5 * i)] }] as const;
  });
  const path = await makePaintedDataset(join(root, 'data'), Object.fromEntries([...known, ...pool]));
  return { kind: 'yaml', path, poolFolders: [] };
}

async function reviewing(change: Partial<SessionSettings> = {}) {
  const { session } = await createSession(ports, await makeSource(), { ...settings, ...change });
  const messages: string[] = [];
  const iteration = await runIteration(ports, session.id, { report: ({ message }) => messages.push(message) });
  const samples = await ports.store.samples.list(iteration.id);
  return { session, iteration, samples, messages };
}

/** A metric of the user's own with this body. */
async function putPlugin(id: string, body: string): Promise<void> {
  const folder = join(root, '.active-learning', 'metrics');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `${id}.mjs`), `export default { id: '${id}', compute(image) { ${body}; } };\n`);
}

const idsOf = (samples: readonly Pick<SampleRow, 'imageId'>[]): number[] => samples.map(({ imageId }) => imageId);

describe('choosing a batch', () => {
  test('is hybrid unless a person wants another: a slice at random, one without detection, the rest for its worth', async () => {
    const { session, samples, messages } = await reviewing();
    expect(session.strategy).toBe('hybrid');
    expect(samples).toHaveLength(10);
    const first = samples.map(({ reasons }) => reasons[0] ?? '');
    expect(first.filter((reason) => reason === 'drawn at random')).toHaveLength(2);
    expect(first.filter((reason) => reason === 'taken from the images without detections')).toHaveLength(1);
    expect(first.filter((reason) => reason.startsWith('decision entropy'))).toHaveLength(7);
    // Blue was never labelled; four of the pool are.
    expect(samples.some(({ reasons }) => reasons.includes('rare class blue'))).toBe(true);
    expect(messages.filter((message) => message.includes('image vectors'))).toEqual([]);
  });

  test('selects the same batch again, and marks the images of the random slice', async () => {
    const { session, iteration, samples } = await reviewing();
    const version = await ports.store.models.byIteration(iteration.id);
    const again = await selectBatch(ports, session, iteration, version);
    const now = await ports.store.samples.list(iteration.id);
    expect(idsOf(now)).toEqual(idsOf(samples));
    expect(again.size).toBe(10);
    expect(again.randomSlice).toEqual(idsOf(samples.filter(({ reasons }) => reasons[0] === 'drawn at random')));
  });

  test('shows predictions that are averaged over the mirrored image', async () => {
    const { session, iteration, samples } = await reviewing();
    const version = await ports.store.models.byIteration(iteration.id);
    // The tiny model finds the same in both. Here nothing is found in the mirrored one.
    const inference: Ports['inference'] = {
      ...ports.inference,
      async *predict(model, images, options, signal) {
        for await (const result of ports.inference.predict(model, images, options, signal)) {
          yield result.ok && options.flip === true ? { ...result, flipped: [] } : result;
        }
      },
    };
    const surest = (rows: typeof samples): number => Math.max(...rows.map((row) => row.maxConfidence ?? 0));
    await selectBatch({ ...ports, inference }, session, iteration, version);
    expect(surest(await ports.store.samples.list(iteration.id))).toBeCloseTo(surest(samples) / 2, 6);
    await selectBatch(ports, session, iteration, version);
    expect(surest(await ports.store.samples.list(iteration.id))).toBeCloseTo(surest(samples), 6);
  });

  test('chooses of known pictures a known batch, in a known order', async () => {
    const { samples } = await reviewing();
    const rows = await Promise.all(samples.map(({ imageId }) => ports.store.images.get(imageId)));
    const chosen = rows.map((row, i) => `${/pool-\d+/.exec(row?.relativePath ?? '')?.[0]}: ${samples[i]?.reasons[0]}`);
    expect(chosen).toEqual([
      'pool-18: decision entropy 0.75, higher than 48 % of the scored pool',
      'pool-10: decision entropy 0.92, higher than 68 % of the scored pool',
      'pool-15: drawn at random',
      'pool-4: decision entropy 0.99, higher than 89 % of the scored pool',
      'pool-13: decision entropy 0.86, higher than 62 % of the scored pool',
      'pool-11: taken from the images without detections',
      'pool-9: decision entropy 0.94, higher than 72 % of the scored pool',
      'pool-12: drawn at random',
      'pool-0: decision entropy 0.99, higher than 86 % of the scored pool',
      'pool-19: decision entropy 0.72, higher than 44 % of the scored pool',
    ]);
  });

  test.each(strategies)('$id fills the batch with images of the pool, each with its reasons', async ({ id }) => {
    const { samples } = await reviewing({ strategy: id });
    expect(samples).toHaveLength(10);
    expect(new Set(idsOf(samples)).size).toBe(10);
    for (const { imageId, reasons } of samples) {
      expect((await ports.store.images.get(imageId))?.relativePath).toContain('pool-');
      expect(reasons.length).toBeGreaterThan(0);
    }
  });

  test('never chooses what looks like a labelled or a validation image', async () => {
    const source = await makeSource();
    const { session } = await createSession(ports, source, { ...settings, maxSamplesPerIteration: 36 });
    const iteration = await ports.store.iterations.create(session.id, 0, 'selecting');
    const rows = await ports.store.images.find({ datasetId: session.datasetId });
    const known = rows.filter(({ state }) => state === 'labelled');
    const pool = rows.filter(({ state }) => state === 'unlabelled');
    // Two copies of a labelled image, and one of a validation image.
    await ports.store.images.update([
      { id: known[1]?.id ?? 0, split: 'val' },
      { id: pool[0]?.id ?? 0, contentHash: known[0]?.contentHash ?? '' },
      { id: pool[4]?.id ?? 0, contentHash: known[0]?.contentHash ?? '' },
      { id: pool[9]?.id ?? 0, contentHash: known[1]?.contentHash ?? '' },
    ]);
    await selectBatch(ports, { ...session, maxSamplesPerIteration: 30 }, iteration, null);
    const chosen = idsOf(await ports.store.samples.list(iteration.id));
    expect(chosen).toHaveLength(30);
    for (const at of [0, 4, 9]) expect(chosen).not.toContain(pool[at]?.id);
  });

  test('the first batch without a model is typical where there are vectors, and random where there are none', async () => {
    const source = await makeSource();
    const bare = await createSession(ports, source, { ...settings, name: 'Bare' });
    const zero = await ports.store.iterations.create(bare.session.id, 0, 'selecting');
    const { notes, randomSlice } = await selectBatch(ports, bare.session, zero, null);
    expect(notes).toEqual(['No image vectors could be computed for this pool; 8 were drawn at random.']);
    expect(randomSlice).toHaveLength(2);

    const based = await createSession(ports, source, { ...settings, name: 'Based', baseModel: 'yolov8n.pt' });
    const first = await ports.store.iterations.create(based.session.id, 0, 'selecting');
    const chosen = await selectBatch(ports, based.session, first, null);
    expect(chosen.notes).toEqual([]);
    const samples = await ports.store.samples.list(first.id);
    const typical = samples.filter(({ reasons }) => reasons[0] === 'most typical of its cluster');
    expect([typical.length, chosen.randomSlice.length]).toEqual([8, 2]);
  });
});

describe('a preview of a batch', () => {
  test('shows who would come and go, and stores nothing', async () => {
    const { session, iteration, samples } = await reviewing();
    const preview = await previewBatch(ports, session.id, { strategy: 'uncertainty' });
    expect(idsOf(preview.before)).toEqual(idsOf(samples));
    expect(preview.after).toHaveLength(10);
    expect(preview.applicable).toBe(true);
    const staying = preview.before.length - preview.leaving.length;
    expect(preview.entering).toHaveLength(preview.after.length - staying);
    expect(preview.entering.length).toBeGreaterThan(0);
    for (const { imageId } of preview.entering) expect(idsOf(samples)).not.toContain(imageId);
    for (const { imageId, path } of preview.leaving) {
      expect(idsOf(preview.after)).not.toContain(imageId);
      expect(path).toMatch(/pool-\d+\.png$/);
    }
    expect(await ports.store.samples.list(iteration.id)).toEqual(samples);
    expect(await ports.store.sessions.get(session.id)).toMatchObject({ strategy: 'hybrid' });
  });

  test('shows the labelled classes and the ones that each batch would add', async () => {
    const { session } = await reviewing();
    const { classes } = await previewBatch(ports, session.id, { strategy: 'class-balanced' });
    expect(classes.map(({ name }) => name)).toEqual(['red', 'green', 'blue']);
    expect(classes[0]?.labelled).toBeGreaterThan(4);
    expect(classes[2]?.labelled).toBe(0);
    const foreign = (batch: 'before' | 'after'): number => (classes[1]?.[batch] ?? 0) + (classes[2]?.[batch] ?? 0);
    expect(foreign('after')).toBeGreaterThan(foreign('before'));
  });

  test('nothing changes where the settings do not', async () => {
    const { session } = await reviewing();
    const { entering, leaving, before, after } = await previewBatch(ports, session.id, {});
    expect([entering, leaving]).toEqual([[], []]);
    expect(idsOf(after)).toEqual(idsOf(before));
  });

  test('weights move the score combined, and where another one ranks that is said', async () => {
    const { session } = await reviewing({ strategy: 'uncertainty' });
    const weights = { uncertaintyWeights: { confidence: 0, entropy: 1, variance: 0 } };
    const moved = await previewBatch(ports, session.id, weights);
    expect(moved.entering.length).toBeGreaterThan(0);
    expect(moved.notes).toEqual([]);
    const idle = await previewBatch(ports, session.id, { ...weights, strategy: 'hybrid' });
    expect(idle.notes).toEqual([
      'The weights change the score combined only, and this batch is ranked by decision-entropy.',
    ]);
  });

  test('images with a verdict keep their places', async () => {
    const { session, iteration, samples } = await reviewing();
    for (const { id } of samples.slice(0, 4)) await submitVerdict(ports, id, { verdict: 'rejected-background' });
    const preview = await previewBatch(ports, session.id, { strategy: 'diversity' });
    expect(preview.applicable).toBe(false);
    expect(idsOf(preview.before)).toEqual(idsOf(samples.slice(4)));
    expect(preview.after).toHaveLength(6);
    await expect(applyBatchChange(ports, session.id, { strategy: 'diversity' })).rejects.toMatchObject({
      code: 'not-now',
      message: expect.stringContaining('4 of 10') as string,
    });
    expect(idsOf(await ports.store.samples.list(iteration.id))).toEqual(idsOf(samples));
    expect(await ports.store.sessions.get(session.id)).toMatchObject({ strategy: 'hybrid' });
  });

  test('can be made the batch', async () => {
    const { session, iteration } = await reviewing({ strategy: 'uncertainty' });
    const change = { strategy: 'uncertainty', uncertaintyWeights: { confidence: 1, entropy: 0, variance: 0 } };
    const preview = await previewBatch(ports, session.id, change);
    await applyBatchChange(ports, session.id, change);
    const samples = await ports.store.samples.list(iteration.id);
    expect(idsOf(samples)).toEqual(idsOf(preview.after));
    for (const { combinedScore, uncertaintyScore } of samples) expect(combinedScore).toBe(uncertaintyScore);
    expect(await ports.store.sessions.get(session.id)).toMatchObject(change);
    expect(await ports.store.iterations.get(iteration.id)).toMatchObject({ status: 'reviewing' });
  });

  test('is ranked by a plug-in as its file is now, and is the batch that comes of it', async () => {
    await putPlugin('mine', 'return image.bestScore');
    const { session, iteration, samples } = await reviewing({ rankingMetric: 'mine', strategy: 'class-balanced' });
    await putPlugin('mine', 'return 1 - image.bestScore');
    const edited = await previewBatch(ports, session.id, {});
    expect(idsOf(edited.before)).toEqual(idsOf(samples));
    expect(edited.entering.length).toBeGreaterThan(0);
    expect(await ports.store.samples.list(iteration.id)).toEqual(samples);
    await applyBatchChange(ports, session.id, {});
    expect(idsOf(await ports.store.samples.list(iteration.id))).toEqual(idsOf(edited.after));

    // One that was not there when the pool was scored, together with weights that change the stored scores.
    await putPlugin('fresh', 'return (image.imageId * 0.618) % 1');
    const change = { rankingMetric: 'fresh', uncertaintyWeights: { confidence: 1, entropy: 0, variance: 0 } };
    const fresh = await previewBatch(ports, session.id, change);
    expect(fresh.notes.join()).not.toContain('ranks instead');
    expect(fresh.after[0]?.reasons.join()).toContain('fresh');
    await applyBatchChange(ports, session.id, change);
    expect(idsOf(await ports.store.samples.list(iteration.id))).toEqual(idsOf(fresh.after));
  });

  test('counts an aggregation that was changed since the pool was scored', async () => {
    const { session, iteration } = await reviewing({ strategy: 'uncertainty' });
    await editSession(ports, session.id, { aggregation: 'noisy-or' });
    const preview = await previewBatch(ports, session.id, {});
    await applyBatchChange(ports, session.id, {});
    const now = await ports.store.samples.list(iteration.id);
    expect(idsOf(now)).toEqual(idsOf(preview.after));
    // The score that a reason names is the one that the sample has.
    for (const { reasons, combinedScore } of now.filter(({ reasons: [first = ''] }) => first.startsWith('combined')))
      expect(reasons[0]).toContain(`combined ${combinedScore?.toFixed(2)}`);
  });

  test('names a plug-in that fails, and refuses a score that there is not', async () => {
    await putPlugin('mine', 'return 0.5');
    const { session } = await reviewing({ rankingMetric: 'mine' });
    await expect(previewBatch(ports, session.id, { rankingMetric: 'nime' })).rejects.toMatchObject({
      code: 'unknown-metric',
    });
    await putPlugin('mine', 'return 2');
    const { notes } = await previewBatch(ports, session.id, {});
    expect(notes[0]).toContain('"mine"');
    expect(notes[0]).toContain('It returned 2');
    expect(notes).toContain('No image has the score mine; decision-entropy ranks instead.');
  });

  test('is refused where there is no batch, and for settings that make no sense', async () => {
    const { session, iteration } = await reviewing();
    const preview = (change: object) => previewBatch(ports, session.id, change);
    await expect(preview({ strategy: 'best' })).rejects.toMatchObject({ code: 'unknown-strategy' });
    await expect(preview({ minUncertainty: 2 })).rejects.toMatchObject({ name: 'SettingsError' });
    await finishReview(ports, iteration.id);
    await expect(preview({})).rejects.toMatchObject({ code: 'not-now' });
  });
});

const label = (i: number): PaintedObject => spot(i, (i % 3) as 0 | 1 | 2, 100 + 3 * i);

describe('the simulation', () => {
  test.each(strategies)('takes $id, from a start or from nothing', async ({ id }) => {
    const pictures = Object.fromEntries(Array.from({ length: 40 }, (_, i) => [`p-${i}`, { spots: [label(i)] }]));
    const path = await makePaintedDataset(join(root, 'whole'), pictures);
    const oracle: Oracle = {
      reveal: ({ relativePath }) => {
        const text = `${rowOf(label(Number(/p-(\d+)/.exec(relativePath)?.[1])))}\n`;
        return Promise.resolve({ bytes: encodeLabelText(text), text, hash: ports.system.digest(text) });
      },
    };
    const source: DatasetSource = { kind: 'yaml', path, poolFolders: [] };
    const given = { ...settings, strategy: id, maxSamplesPerIteration: 8, maxIterations: 3 };
    const rows = await simulate(ports, oracle, { source, settings: given, start: 0, iterations: 2 });
    // A fifth of the first batch was set aside for validation.
    expect(rows.map(({ labelledImages, validationImages }) => labelledImages + validationImages)).toEqual([8, 16]);
    expect(rows.map(({ map50 }) => map50 > 0.9)).toEqual([true, true]);
  });
});
