import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { poolCommand } from '../src/cli/commands/pool.ts';
import type { Ports } from '../src/workflow/ports/ports.ts';
import { runIteration } from '../src/workflow/iteration/runIteration.ts';
import type { ScoreOrder } from '../src/workflow/ports/store/predictions.ts';
import { poolOrders, poolPage, type PoolOrders } from '../src/workflow/session/poolPage.ts';
import { createSession } from '../src/workflow/session/sessions.ts';
import { denseScores } from './support/denseScores.ts';
import { makePaintedDataset, openFakePorts, rowOf, type PaintedObject } from './support/fakePorts.ts';

const spot = (brightness: number, classId: PaintedObject['classId'] = 1): PaintedObject => ({
  column: 3,
  row: 3,
  classId,
  brightness,
});

let root = '';
let ports: Ports;
let close: () => Promise<void>;
let sessionId = 0;
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'al pool '));
  const opened = await openFakePorts(root);
  ({ ports } = opened);
  close = opened.workspace.close;
  await makeSession([30, 90, 150, 210]);
});
afterEach(async () => {
  await close();
  await rm(root, { recursive: true, force: true });
});

/** One whose pool has an image with a spot of each brightness. */
async function makeSession(brightnesses: readonly number[]): Promise<void> {
  const pool = brightnesses.map((brightness) => [`pool ${brightness}`, { spots: [spot(brightness)] }] as const);
  const known = ['a', 'b', 'c', 'd'].map(
    (name) => [name, { spots: [spot(240)], label: `${rowOf(spot(240))}\n` }] as const,
  );
  const path = await makePaintedDataset(
    join(root, `data of ${brightnesses.length}`),
    Object.fromEntries([...known, ...pool]),
  );
  const name = `Spots of ${brightnesses.length}`;
  const settings = { name, baseModel: 'yolov8n.yaml', imageSize: 64, strategy: 'random' };
  const { session } = await createSession(ports, { kind: 'yaml', path, poolFolders: [] }, settings);
  sessionId = session.id;
}

async function scored(): Promise<PoolOrders> {
  await runIteration(ports, sessionId);
  const orders = await poolOrders(ports, sessionId);
  if (orders === null) throw new Error('Nothing is scored.');
  return orders;
}

const byConfidence: ScoreOrder = { kind: 'score', metric: 'confidence' };

test('there is nothing to browse without a model', async () => {
  expect(await poolOrders(ports, sessionId)).toBeNull();
});

test('lists the available scores, and returns images page by page', async () => {
  const orders = await scored();
  expect(orders.metrics).toEqual([...denseScores, 'class-difficulty']);
  expect(orders.version.versionNumber).toBe(1);
  const names: string[] = [];
  let after: string | undefined;
  const sizes: number[] = [];
  for (;;) {
    const page = await poolPage(ports, orders, byConfidence, { size: 3, after });
    sizes.push(page.images.length);
    names.push(...page.images.map(({ path }) => basename(path, '.png')));
    if (page.next === null) break;
    after = page.next;
  }
  expect(names).toEqual(['pool 30', 'pool 90', 'pool 150', 'pool 210']);
  expect(sizes).toEqual([3, 1]);
});

test('shows the expected objects of an image, and sorts by a class', async () => {
  const orders = await scored();
  const { images } = await poolPage(ports, orders, { kind: 'class', classId: 1 }, { size: 10 });
  expect(images.map(({ path }) => basename(path, '.png')).slice(0, 2)).toEqual(['pool 210', 'pool 150']);
  for (const { value, expected, state } of images) {
    expect(expected.find(({ className }) => className === orders.classNames[1])?.count).toBeCloseTo(value, 5);
    expect(state).toBe('unlabelled');
  }
  expect((await poolPage(ports, orders, { kind: 'class', classId: 0 }, { size: 10 })).images).toEqual([]);
});

test('a page that is not available explains what to do', async () => {
  const orders = await scored();
  for (const after of ['', '5', '_5', '0.5_x', '0.5_1_2', 'Infinity_3']) {
    await expect(poolPage(ports, orders, byConfidence, { size: 3, after })).rejects.toMatchObject({
      code: 'page-key-invalid',
    });
  }
  for (const size of [0, 1.5, 1001]) {
    await expect(poolPage(ports, orders, byConfidence, { size })).rejects.toMatchObject({ code: 'page-size-invalid' });
  }
});

test('a score missing from the first images is found in later ones or in the session', async () => {
  const { version } = await scored();
  const { predictions, sessions } = ports.store;
  const rows = await predictions.page(version.id, 0, 10);
  const [failed, without, first, second] = rows;
  if (!failed || !without || !first || !second) throw new Error('The pool has four images.');
  await predictions.put(version.id, [
    { ...failed, scores: {}, error: 'unreadable-image' },
    without,
    { ...first, scores: { ...first.scores, mine: 0.2 } },
    { ...second, scores: { ...second.scores, mine: 0.7 } },
  ]);
  const orders = await poolOrders(ports, sessionId);
  expect(orders?.metrics).toContain('mine');
  await sessions.update(sessionId, { settings: { rankingMetric: 'mine' } });
  const listed = JSON.parse((await al({ json: true })).out) as { order: ScoreOrder; images: { imageId: number }[] };
  expect(listed.order).toEqual({ kind: 'score', metric: 'mine' });
  expect(listed.images.map(({ imageId }) => imageId)).toEqual([second.imageId, first.imageId]);
  // Behind more images than are looked at, the session's own score is known all the same.
  const page: typeof predictions.page = async (...asked) => (await predictions.page(...asked)).slice(0, 1);
  const hidden = { ...ports, store: { ...ports.store, predictions: { ...predictions, page } } };
  expect((await poolOrders(hidden, sessionId))?.metrics).toContain('mine');
});

test('a score that no image has is an error', async () => {
  const orders = await scored();
  await expect(poolPage(ports, orders, { kind: 'score', metric: 'luck' }, { size: 3 })).rejects.toMatchObject({
    code: 'score-unknown',
  });
  await ports.store.sessions.update(sessionId, { settings: { rankingMetric: 'luck' } });
  await expect(al({})).rejects.toMatchObject({ message: 'No image has the score "luck".', hint: /--by: confidence/ });
});

async function al(flags: Readonly<Record<string, string | boolean>>): Promise<{ out: string; notes: string }> {
  const out: string[] = [];
  const notes: string[] = [];
  const terminal = {
    print: (text: string) => void out.push(text),
    note: (text: string) => void notes.push(text),
    signal: new AbortController().signal,
  };
  expect(await poolCommand.run({ workspace: root, ...flags }, [], terminal)).toBe(0);
  return { out: out.join('\n'), notes: notes.join('\n') };
}

test('the command line lists a page and how to continue', async () => {
  await scored();
  const first = await al({ by: 'confidence', 'page-size': '2' });
  expect(first.out).toMatch(/^confidence +image +state +expected objects\n.*pool 30\.png/);
  const after = /--after (\S+)/.exec(first.notes)?.[1] ?? '';
  const second = await al({ by: 'confidence', 'page-size': '2', after, json: true });
  expect(JSON.parse(second.out)).toMatchObject({ version: 1, order: byConfidence, next: null });
  expect(second.out).toContain('pool 210.png');
  await expect(al({ class: 'dent' })).rejects.toMatchObject({ code: 'usage' });
  await expect(al({ by: 'luck' })).rejects.toMatchObject({ message: 'No image has the score "luck".' });
  await expect(al({ by: 'confidence', class: 'a' })).rejects.toMatchObject({ code: 'usage' });
});
