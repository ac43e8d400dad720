import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { beforeEach, expect, test } from 'vitest';
import { rescanDataset } from '../src/workflow/dataset/datasets.ts';
import type { Ports } from '../src/workflow/ports/ports.ts';
import type { SessionRow } from '../src/workflow/ports/store/sessions.ts';
import { runIteration } from '../src/workflow/iteration/runIteration.ts';
import { imageQueue } from '../src/workflow/review/imageQueue.ts';
import { submitImageVerdict } from '../src/workflow/review/imageVerdicts.ts';
import { finishReview } from '../src/workflow/review/finishReview.ts';
import { findLabelErrors, type LabelErrorReport } from '../src/workflow/iteration/labelErrors.ts';
import { submitVerdict } from '../src/workflow/review/verdicts.ts';
import { createSession } from '../src/workflow/session/sessions.ts';
import { classNames, paintObjects, rowOf, type PaintedObject } from './support/fakePorts.ts';
import { bench, useWorkspaces } from './support/useCaseBench.ts';

useWorkspaces('label errors ');
let root = '';
let ports: Ports;
beforeEach(() => {
  ({ root, ports } = bench());
});

const spot = (column: number, row: number, classId: 0 | 1 | 2): PaintedObject => ({
  column,
  row,
  classId,
  brightness: 240,
});
const red = spot(1, 1, 0);
const green = spot(5, 5, 1);
let painted = 0;

async function put(name: string, spots: readonly PaintedObject[], rows: readonly string[] | null): Promise<void> {
  for (const kind of ['images', 'labels']) await mkdir(join(root, kind, name, '..'), { recursive: true });
  await paintObjects(join(root, 'images', `${name}.png`), spots, (painted += 1));
  if (rows === null) return;
  await writeFile(join(root, 'labels', `${name}.txt`), rows.map((row) => `${row}\n`).join(''));
}

/** A session after its first training. */
async function trained(): Promise<SessionRow> {
  const data = join(root, 'data.yaml');
  await writeFile(data, `path: .\ntrain: images/train\nval: images/val\nnames: [${classNames.join(', ')}]\n`);
  for (let i = 0; i < 4; i++) await put(`train/known ${i}`, [spot(i, i, 0)], [rowOf(spot(i, i, 0))]);
  await put('train/pool', [red], null);
  const settings = { name: 'Spots', baseModel: 'yolov8n.yaml', imageSize: 64, maxSamplesPerIteration: 1 };
  const { session } = await createSession(ports, { kind: 'yaml', path: data, poolFolders: [] }, settings);
  await runIteration(ports, session.id);
  return session;
}

/** The kinds and classes of the findings by file name. */
function byName({ images }: LabelErrorReport): Record<string, string[]> {
  return Object.fromEntries(
    images.map(({ path, findings }) => [
      basename(path, '.png'),
      findings.map(({ kind, classId, otherClassId }) =>
        [kind, classNames[classId], ...(otherClassId === null ? [] : [classNames[otherClassId]])].join(' '),
      ),
    ]),
  );
}

async function putValidation(): Promise<void> {
  for (let i = 0; i < 3; i++) await put(`val/right ${i}`, [red, green], [rowOf(red), rowOf(green)]);
  await put('val/overlooked', [red, green], [rowOf(red)]);
  await put('val/swapped', [red, green], [rowOf(red), rowOf({ ...green, classId: 2 })]);
  // Half a cell to the right: IoU 1/3.
  await put('val/shifted', [red, green], [rowOf(red), '1 0.750000 0.687500 0.125000 0.125000']);
}

test('validation images are judged by the active version, the worst first', async () => {
  await putValidation();
  const session = await trained();
  const report = await findLabelErrors(ports, session);
  expect(byName(report)).toEqual({
    overlooked: ['overlooked green'],
    swapped: ['classed blue green'],
    shifted: ['placed green'],
  });
  expect(report.images[0]?.path).toContain('overlooked');
  expect(report.images.map(({ quality }) => quality)).toEqual(
    report.images.map(({ quality }) => quality).toSorted((a, b) => a - b),
  );
  // The only version has trained on the others.
  expect(report).toMatchObject({ judged: 6, leftOut: 4 });
  const finding = report.images[0]?.findings[0];
  expect(finding?.confidence).toBeCloseTo(240 / 255, 1);
  expect(finding?.box).toEqual({ x1: 40, y1: 40, x2: 48, y2: 48 });
});

test('a training image is judged by a version that has not trained on it', async () => {
  await putValidation();
  const session = await trained();
  const [iteration] = await ports.store.iterations.list(session.id);
  const [sample] = await ports.store.samples.list(iteration?.id ?? 0);
  await submitVerdict(ports, sample?.id ?? 0, { verdict: 'rejected-background' });
  await finishReview(ports, iteration?.id ?? 0);
  const before = await findLabelErrors(ports, session);
  expect(before).toMatchObject({ judged: 7, leftOut: 4 });
  expect(byName(before)['pool']).toEqual(['overlooked red']);
  await put('train/other', [green], null);
  await rescanDataset(ports, session.datasetId);
  await runIteration(ports, session.id);
  const after = await findLabelErrors(ports, session);
  // Version 2 has trained on it, version 1 has not.
  expect(after.images.find(({ path }) => path.includes('pool'))?.version).toBe(1);
  expect(after.images.find(({ path }) => path.includes('swapped'))?.version).toBe(2);
  expect(after).toMatchObject({ judged: 7, leftOut: 4 });
});

test('an image of the list opens with what the model sees, and a repaired label is no longer reported', async () => {
  await putValidation();
  const session = await trained();
  const { images } = await findLabelErrors(ports, session);
  const [worst] = images;
  if (worst === undefined) throw new Error('nothing was found');
  const list = { title: 'Label errors', images: images.map(({ imageId }) => imageId), since: new Date().toISOString() };
  const queue = await imageQueue(ports, session.id, list);
  expect(queue.current?.labels).toHaveLength(1);
  const shown = queue.current?.sample.predictedBoxes.filter(({ confidence }) => confidence > 0.5) ?? [];
  expect(shown.map(({ classId }) => classId).toSorted()).toEqual([0, 1]);

  const boxes = [red, green].map((one) => {
    const [classId = 0, cx = 0, cy = 0, width = 0, height = 0] = rowOf(one).split(' ').map(Number);
    return { classId, cx, cy, width, height };
  });
  await submitImageVerdict(ports, worst.imageId, { verdict: 'corrected', boxes });
  expect(await readFile(join(root, 'labels', 'val', 'overlooked.txt'), 'utf8')).toBe(
    `${rowOf(red)}\n${rowOf(green)}\n`,
  );
  expect(Object.keys(byName(await findLabelErrors(ports, session)))).not.toContain('overlooked');
});

test('without a model it says what to do', async () => {
  const data = join(root, 'data.yaml');
  await writeFile(data, `path: .\ntrain: images/train\nnames: [${classNames.join(', ')}]\n`);
  await put('train/known', [red], [rowOf(red)]);
  const { session } = await createSession(ports, { kind: 'yaml', path: data, poolFolders: [] }, { name: 'Spots' });
  await expect(findLabelErrors(ports, session)).rejects.toMatchObject({
    code: 'no-model',
    hint: 'Run the first iteration.',
  });
});
