import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeSpotDataset, openFakeEngine, rowOf, type Spot } from '../../test/support/fakeEngine.ts';
import type { Engine } from '../workflow/engine.ts';
import { runIteration } from '../workflow/iteration/runIteration.ts';
import { sessionMetrics } from '../workflow/metricsView.ts';
import type { ImageRow, NewSample } from '../workflow/ports/store.ts';
import { submitVerdict } from '../workflow/review.ts';
import { reviewQueue } from '../workflow/reviewQueue.ts';
import { createSession } from '../workflow/sessions.ts';
import { sessionStatus } from '../workflow/status.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

const spot: Spot = { column: 2, row: 2, classId: 0, brightness: 200 };
const gone = { pid: 2 ** 22 + 5, startTime: '1', nonce: 'of a dead window' };

let root = '';
const open: Workspace[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'al-browse-'));
});

afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.close();
  rmSync(root, { recursive: true, force: true });
});

async function browse(folder: string): Promise<Engine> {
  const workspace = await openWorkspace({ folder, browseOnly: true });
  open.push(workspace);
  return workspace.engine;
}

/** Every file below a folder with its content; SQLite's helpers beside the database come and go. */
function contents(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(folder, name)).isFile() && !/\.db-(wal|shm)$/.test(name));
  return Object.fromEntries(files.toSorted().map((name) => [name, readFileSync(join(folder, name), 'base64')]));
}

function sampleOf({ id }: ImageRow, rank: number): NewSample {
  const box = { x1: 16, y1: 16, x2: 24, y2: 24 };
  return {
    imageId: id,
    rank,
    uncertaintyScore: 0.2,
    confidenceVariance: 0,
    entropyScore: 0.5,
    combinedScore: 0.3,
    scores: { combined: 0.3 },
    predictedBoxes: [{ classId: 0, confidence: 0.8, box }],
    maxConfidence: 0.8,
    minConfidence: 0.8,
    reasons: [],
  };
}

/** A workspace with a batch under review, and a verdict that a dead window left half done. */
async function makeWorkspace(): Promise<{ sessionId: number; sampleId: number; imageId: number }> {
  const labelled = { spots: [spot], label: `${rowOf(spot)}\n` };
  const pictures = { a: labelled, b: labelled, c: { spots: [spot] }, d: { spots: [] } };
  const path = await makeSpotDataset(root, pictures);
  const { engine, workspace } = await openFakeEngine(root);
  const settings = { name: 'S', baseModel: 'yolov8n.yaml', imageSize: 64 };
  const { session } = await createSession(engine, { kind: 'yaml', path, poolFolders: [] }, settings);
  const iteration = await engine.store.iterations.create(session.id, 1, 'reviewing');
  await engine.store.sessions.update(session.id, { status: 'active', currentIteration: 1 });
  const pool = await engine.store.images.find({ datasetId: session.datasetId, states: ['unlabelled'] });
  await engine.store.samples.replaceBatch(iteration.id, pool.map(sampleOf));
  const [sample] = await engine.store.samples.list(iteration.id);
  if (sample === undefined) throw new Error('no sample');
  await engine.store.labelEvents.begin({
    imageId: sample.imageId,
    sampleId: sample.id,
    cause: 'verdict',
    before: null,
    after: `${rowOf(spot)}\n`,
    verdictBefore: null,
    verdictAfter: 'accepted',
    stateBefore: 'unlabelled',
    stateAfter: 'labelled',
    owner: gone,
    undoes: null,
  });
  await workspace.close();
  return { sessionId: session.id, sampleId: sample.id, imageId: sample.imageId };
}

describe('a workspace that is only looked at', () => {
  it('shows its sessions, metrics and samples, and stays as it is', { timeout: 60_000 }, async () => {
    const { sessionId, sampleId } = await makeWorkspace();
    const before = contents(root);
    const engine = await browse(root);
    expect(await sessionStatus(engine, sessionId)).toMatchObject({
      session: { name: 'S' },
      iterations: [{ iteration: { status: 'reviewing' }, samples: { total: 2 } }],
    });
    expect((await sessionMetrics(engine, sessionId)).iterations).toHaveLength(1);
    expect((await reviewQueue(engine, sessionId, {}))?.current?.sample.id).toBe(sampleId);
    expect(contents(root)).toEqual(before);
  });

  it('takes no verdict and starts nothing', { timeout: 60_000 }, async () => {
    const { sessionId, sampleId } = await makeWorkspace();
    const before = contents(root);
    const engine = await browse(root);
    await expect(submitVerdict(engine, sampleId, { verdict: 'accepted' })).rejects.toMatchObject({ code: 'read-only' });
    await expect(runIteration(engine, sessionId)).rejects.toMatchObject({ code: 'read-only' });
    const location = { rootPath: root, relativePath: 'images/train/c.png' };
    const refused: readonly (() => Promise<unknown>)[] = [
      () => engine.labels.write(location, '', null),
      () => engine.labels.tidy(location),
      () => engine.trainer.start('s1-i1-x'),
      () => engine.trainer.checkEnvironment(),
      () => engine.artifacts.publish(root, [{ name: 'x', text: 'x' }]),
      async () => {
        const model = { onnxPath: 'x', info: {} as never };
        for await (const result of engine.inference.predict(model, [], {} as never)) throw new Error(String(result));
      },
    ];
    for (const ask of refused) await expect(ask()).rejects.toMatchObject({ code: 'browse-only' });
    expect(contents(root)).toEqual(before);
  });

  it('finishes what a dead window left once it is opened in earnest', { timeout: 60_000 }, async () => {
    const { imageId } = await makeWorkspace();
    const browsed = await browse(root);
    expect(await browsed.store.labelEvents.pending()).toMatchObject([{ imageId, state: 'pending' }]);
    const trusted = await openWorkspace({ folder: root });
    open.push(trusted);
    expect(trusted.recovery).toMatchObject({ written: 1, conflicts: 0 });
    expect(await browsed.store.labelEvents.pending()).toEqual([]);
  });

  it('is not made where there is none', async () => {
    await expect(openWorkspace({ folder: root, browseOnly: true })).rejects.toMatchObject({ code: 'cannot-open' });
    expect(readdirSync(root)).toEqual([]);
  });
});
