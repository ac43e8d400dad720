import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { makeReviewWorkspace } from '../../test/support/reviewWorkspace.ts';
import type { Ports } from '../workflow/ports/ports.ts';
import { runIteration } from '../workflow/iteration/runIteration.ts';
import { previewBatch } from '../workflow/iteration/selection/previewBatch.ts';
import { checkUncertaintyScore } from '../workflow/session/uncertaintyScore.ts';
import { sessionMetrics } from '../workflow/session/sessionMetrics.ts';
import { submitVerdict } from '../workflow/review/verdicts.ts';
import { reviewQueue } from '../workflow/review/reviewQueue.ts';
import { sessionStatus } from '../workflow/session/status.ts';
import { openWorkspace, type Workspace } from './workspace.ts';

let root = '';
const open: Workspace[] = [];

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'al-browse-'));
});

afterEach(async () => {
  for (const workspace of open.splice(0)) await workspace.close();
  rmSync(root, { recursive: true, force: true });
});

async function browse(): Promise<Ports> {
  const workspace = await openWorkspace({ folder: root, browseOnly: true });
  open.push(workspace);
  return workspace.ports;
}

/** Every file with its content; SQLite's helpers beside the database come and go. */
function contents(): Record<string, string> {
  const names = readdirSync(root, { recursive: true, encoding: 'utf8' });
  const files = names.filter((name) => statSync(join(root, name)).isFile() && !/\.db-(wal|shm)$/.test(name));
  return Object.fromEntries(files.toSorted().map((name) => [name, readFileSync(join(root, name), 'base64')]));
}

describe('a workspace that is only looked at', () => {
  it('shows its sessions, metrics and samples, and stays as it is', { timeout: 60_000 }, async () => {
    const { sessionId, sampleId, name } = await makeReviewWorkspace(root, { halfVerdict: true });
    const before = contents();
    const ports = await browse();
    expect(await sessionStatus(ports, sessionId)).toMatchObject({
      session: { name },
      iterations: [{ iteration: { status: 'reviewing' }, samples: { total: 2 } }],
    });
    expect((await sessionMetrics(ports, sessionId)).iterations).toHaveLength(1);
    expect((await reviewQueue(ports, sessionId, {}))?.current?.sample.id).toBe(sampleId);
    expect(contents()).toEqual(before);
  });

  it('takes no verdict and starts nothing', { timeout: 60_000 }, async () => {
    const { sessionId, sampleId } = await makeReviewWorkspace(root);
    const before = contents();
    const ports = await browse();
    await expect(submitVerdict(ports, sampleId, { verdict: 'accepted' })).rejects.toMatchObject({ code: 'read-only' });
    await expect(runIteration(ports, sessionId)).rejects.toMatchObject({ code: 'read-only' });
    const location = { rootPath: root, relativePath: 'images/train/pool-0.png' };
    const refused: readonly (() => Promise<unknown>)[] = [
      () => ports.labels.write(location, new Uint8Array(), null),
      () => ports.labels.tidy(location),
      () => ports.classFile.append(join(root, 'data.yaml'), [], 'x'),
      () => ports.trainer.start('s1-i1-x'),
      () => ports.trainer.checkEnvironment(),
      () => ports.artifacts.publish(root, [{ name: 'x', text: 'x' }]),
      async () => ports.inference.settle?.({ onnxPath: 'x', info: {} as never }, [], {} as never),
      async () => {
        const model = { onnxPath: 'x', info: {} as never };
        for await (const result of ports.inference.predict(model, [], {} as never)) throw new Error(String(result));
      },
    ];
    for (const ask of refused) await expect(ask()).rejects.toMatchObject({ code: 'browse-only' });
    expect(contents()).toEqual(before);
  });

  it('loads no score plug-in, whatever is asked', { timeout: 60_000 }, async () => {
    const { sessionId } = await makeReviewWorkspace(root);
    const folder = join(root, '.active-learning', 'metrics');
    const marker = join(root, 'was-here');
    mkdirSync(folder, { recursive: true });
    const plugin = `import { writeFileSync } from 'node:fs'; writeFileSync(${JSON.stringify(marker)}, '');
      export default { id: 'mine', compute: () => 0.5 };`;
    writeFileSync(join(folder, 'mine.mjs'), plugin);
    const browsed = await browse();
    expect(browsed.scorePlugins).toBeUndefined();
    await expect(runIteration(browsed, sessionId)).rejects.toMatchObject({ code: 'read-only' });
    await previewBatch(browsed, sessionId, { strategy: 'random' }).catch(() => undefined);
    await expect(previewBatch(browsed, sessionId, { rankingMetric: 'mine' })).rejects.toMatchObject({
      code: 'unknown-metric',
    });
    expect(existsSync(marker)).toBe(false);
    // The same plug-in does run if code may run, and writes the marker.
    const trusted = await openWorkspace({ folder: root });
    open.push(trusted);
    await checkUncertaintyScore(trusted.ports, { rankingMetric: 'mine', flip: false, localisation: true });
    expect(existsSync(marker)).toBe(true);
  });

  it('looks at no file that a row names outside what is seen', { timeout: 60_000 }, async () => {
    const { sessionId } = await makeReviewWorkspace(root);
    const outside = mkdtempSync(join(tmpdir(), 'al-outside-'));
    const config = JSON.stringify({ plan: { epochs: 77 } });
    writeFileSync(join(outside, 'config.json'), config);
    symlinkSync(outside, join(root, 'link'));
    const database = new Database(join(root, '.active-learning', 'sessions.db'));
    database.exec(`INSERT INTO runs (id, session_id, iteration_id, job, state, folder, label_snapshot, created_at)
      SELECT 'r', ${sessionId}, id, 'train', 'finished', '${outside}', NULL, '' FROM training_iterations LIMIT 1`);
    database.close();
    const { artifacts, ...ports } = await browse();
    expect(JSON.stringify(await sessionMetrics({ ...ports, artifacts }, sessionId))).not.toContain('77');
    for (const path of [join(outside, 'config.json'), join(root, 'link', 'config.json')]) {
      expect(await artifacts.exists(path)).toBe(false);
      expect(await artifacts.isFileIn(root, path)).toBe(false);
      for (const read of [artifacts.readText, artifacts.digest, artifacts.sizeBytes]) {
        await expect(read(path)).rejects.toMatchObject({ code: 'browse-only' });
      }
    }
    expect(await artifacts.exists(join(root, '.active-learning', 'sessions.db'))).toBe(true);
    rmSync(outside, { recursive: true });
  });

  it('finishes what a dead window left, once it is opened for writing', { timeout: 60_000 }, async () => {
    const workspace = await makeReviewWorkspace(root, { halfVerdict: true });
    const browsed = await browse();
    expect(await browsed.store.labelEvents.pending()).toMatchObject([{ imageId: workspace.imageId }]);
    expect(workspace.labelText()).toBeNull();
    const trusted = await openWorkspace({ folder: root });
    open.push(trusted);
    expect(trusted.recovery).toMatchObject({ written: 1, conflicts: 0 });
    expect(await browsed.store.labelEvents.pending()).toEqual([]);
    expect(workspace.labelText()).toBe(workspace.halfVerdict);
  });

  it('is not made where there is none', async () => {
    await expect(openWorkspace({ folder: root, browseOnly: true })).rejects.toMatchObject({ code: 'cannot-open' });
    expect(readdirSync(root)).toEqual([]);
  });
});
