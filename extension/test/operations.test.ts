import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import * as z from 'zod';
import { afterEach, describe, expect, test } from 'vitest';
import { commandDocs, exitCodeDocs, operationDocs } from '../../scripts/lib/commandDocs.ts';
import { withGenerated } from '../../scripts/lib/docsTables.ts';
import { commands, main } from '../src/cli/main.ts';
import * as dataset from '../src/workflow/operations/datasetOperations.ts';
import {
  exportModelOperation,
  finishReviewOperation,
  runIterationOperation,
} from '../src/workflow/operations/iterationOperations.ts';
import type { Operation } from '../src/workflow/operations/operation.ts';
import { operations } from '../src/workflow/operations/operations.ts';
import { findLabelErrorsOperation } from '../src/workflow/operations/labelOperations.ts';
import * as pool from '../src/workflow/operations/poolOperations.ts';
import * as review from '../src/workflow/operations/reviewOperations.ts';
import * as session from '../src/workflow/operations/sessionOperations.ts';
import type { Ports } from '../src/workflow/ports/ports.ts';
import { makePaintedDataset, openFakePorts, rowOf, type PaintedObject } from './support/fakePorts.ts';

interface Property {
  readonly description?: string;
}

let root = '';
afterEach(() => rm(root, { recursive: true, force: true }));

const spot: PaintedObject = { column: 3, row: 3, classId: 1, brightness: 200 };
const labelled = { spots: [spot], label: `${rowOf(spot)}\n` };

/** A dataset of four labelled and four unlabelled images. */
async function makeDataset(): Promise<string> {
  root = await mkdtemp(join(tmpdir(), 'al operations '));
  const images = ['a', 'b', 'c', 'd'].map((name) => [name, labelled] as const);
  const others = [30, 90, 150, 210].map(
    (brightness) => [`p${brightness}`, { spots: [{ ...spot, brightness }] }] as const,
  );
  return makePaintedDataset(join(root, 'data'), Object.fromEntries([...images, ...others]));
}

describe('the table of operations', () => {
  test('has an id, a title and described fields for each', () => {
    expect(new Set(operations.map(({ id }) => id)).size).toBe(operations.length);
    for (const { id, title, input } of operations) {
      expect(id).toMatch(/^[a-z]+\.[a-z]+$/);
      expect(title, id).toMatch(/^[A-Z].*[^.]$/);
      const { type, properties = {} } = z.toJSONSchema(input, { io: 'input' });
      expect(type, id).toBe('object');
      for (const [field, property] of Object.entries(properties)) {
        expect((property as Property).description, `${id}, ${field}`).toMatch(/\w/);
      }
    }
  });

  test('has a command for each, with --json, its flags and its help', () => {
    const behind = commands.map(({ operation }) => operation);
    expect(operations.map(({ id }) => id).filter((id) => !behind.includes(id))).toEqual([]);
    for (const command of commands) {
      expect(command.options(), command.name).toHaveProperty('json', { type: 'boolean' });
      const help = command.help();
      for (const { flag } of command.flags()) expect(help, command.name).toContain(flag);
    }
  });

  test('is what docs/cli.md describes', async () => {
    const page = await readFile(join(import.meta.dirname, '..', '..', 'docs', 'cli.md'), 'utf8');
    const written = [
      ['exit codes', exitCodeDocs()],
      ['operations', operationDocs()],
      ['commands', commandDocs()],
    ].reduce((text, [name = '', part = '']) => withGenerated(text, name, part), page);
    expect(page).toBe(written);
  });
});

/** Runs an operation as any interface does, and expects that its output is documented, field by field. */
async function call<Input, Output>(
  operation: Operation<Input, Output>,
  ports: Ports,
  input: Record<string, unknown>,
): Promise<Output> {
  const output = await operation.run(ports, operation.input.parse(input), {});
  const json: unknown = JSON.parse(JSON.stringify(output));
  expect(operation.output.parse(json), operation.id).toEqual(json);
  return output;
}

test('the review that the caller names is finished, even if another window has started the next one', async () => {
  const data = await makeDataset();
  const { ports, workspace } = await openFakePorts(root);
  try {
    const created = await call(session.createSessionOperation, ports, { data, settings: { name: 'Spots' } });
    const { iterations } = ports.store;
    const named = await iterations.create(created.session.id, 1, 'reviewing');
    const newer = await iterations.create(created.session.id, 2, 'reviewing');
    expect(await call(finishReviewOperation, ports, { iteration: named.id })).toMatchObject({ id: named.id });
    expect(await iterations.get(newer.id)).toMatchObject({ status: 'reviewing' });
    expect(await call(finishReviewOperation, ports, {})).toMatchObject({ id: newer.id, status: 'completed' });
  } finally {
    await workspace.close();
  }
});

test('an iteration through operations gives outputs as their schemas say', { timeout: 240_000 }, async () => {
  const data = await makeDataset();
  const { ports, workspace } = await openFakePorts(root);
  try {
    const settings = { name: 'Spots', baseModel: 'yolov8n.yaml', imageSize: 64, strategy: 'random' };
    const created = await call(session.createSessionOperation, ports, { data, settings });
    expect(created.scan.images).toBe(8);
    const edited = await call(session.editSessionOperation, ports, { session: 'Spots', settings: { seed: 3 } });
    expect(edited.changes).toEqual([{ setting: 'seed', before: 0, after: 3 }]);
    expect(await call(session.listSessionsOperation, ports, {})).toMatchObject([{ name: 'Spots', seed: 3 }]);
    await expect(call(pool.listPoolOperation, ports, {})).rejects.toMatchObject({ code: 'usage' });

    const iteration = await call(runIterationOperation, ports, {});
    expect(iteration).toMatchObject({ status: 'reviewing', waitingSamples: 4 });
    const page = await call(pool.listPoolOperation, ports, { by: 'confidence', pageSize: 2 });
    expect(page.images).toHaveLength(2);
    const explained = await call(pool.explainImageOperation, ports, { image: page.images[0]?.path ?? '' });
    expect(explained.image).toBe(page.images[0]?.relativePath);
    const preview = await call(pool.previewBatchOperation, ports, { settings: { seed: 9 } });
    expect(await call(pool.applyBatchOperation, ports, { settings: { seed: 9 } })).toMatchObject({ id: iteration.id });
    const batch = await call(review.listSamplesOperation, ports, {});
    expect(batch.map(({ imageId }) => imageId).toSorted()).toEqual(
      preview.after.map(({ imageId }) => imageId).toSorted(),
    );
    await call(pool.listScoresOperation, ports, {});
    expect(await call(pool.findDuplicatesOperation, ports, {})).toMatchObject({ images: 8 });
    expect(await call(findLabelErrorsOperation, ports, {})).toMatchObject({ judged: 1, leftOut: 3 });

    const [one, two, three, four] = await call(review.listSamplesOperation, ports, {});
    const boxes = [{ classId: 0, cx: 0.5, cy: 0.5, width: 0.2, height: 0.2 }];
    const corrected = await call(review.correctOperation, ports, { sample: one?.id, boxes });
    expect(corrected).toMatchObject({ verdict: 'corrected', open: 3 });
    await call(review.rejectOperation, ports, { sample: two?.id, reason: 'later' });
    await call(review.skipOperation, ports, { sample: three?.id, seconds: 2.5 });
    expect((await ports.store.samples.get(three?.id ?? 0))?.reviewSeconds).toBe(2.5);
    await call(review.acceptOperation, ports, { sample: four?.id, background: true });
    expect(await call(review.undoOperation, ports, { iteration: iteration.id })).toEqual({
      sample: four?.id,
      verdict: null,
      open: 1,
    });
    expect(await call(review.redoOperation, ports, { iteration: iteration.id })).toMatchObject({
      sample: four?.id,
      open: 0,
    });
    await call(review.undoOperation, ports, { iteration: iteration.id });
    await call(finishReviewOperation, ports, { iteration: iteration.id });

    const status = await call(session.sessionStatusOperation, ports, { session: created.session.id });
    expect(status.iterations).toHaveLength(1);
    const files = await call(exportModelOperation, ports, { to: join(root, 'exported') });
    expect(files.length).toBeGreaterThan(2);
    expect(await call(session.completeSessionOperation, ports, {})).toMatchObject({ status: 'completed' });
    await expect(call(session.completeSessionOperation, ports, {})).rejects.toMatchObject({ code: 'not-now' });
    expect(await call(session.reopenSessionOperation, ports, {})).toMatchObject({ status: 'active' });
    const copy = await call(session.duplicateSessionOperation, ports, { name: 'Copy' });
    expect(copy).toMatchObject({ name: 'Copy', datasetId: created.session.datasetId, seed: 9, status: 'created' });
    expect(await call(session.deleteSessionOperation, ports, { session: 'Copy' })).toMatchObject({ name: 'Copy' });

    const { images } = await call(dataset.rescanDatasetOperation, ports, {});
    expect(images).toBe(8);
    const more = await makePaintedDataset(join(root, 'more'), { extra: { spots: [spot] } });
    const folder = join(dirname(more), 'images');
    expect(await call(dataset.setPoolFoldersOperation, ports, { pool: [folder] })).toMatchObject({
      images: 9,
      added: 1,
    });
    const { classNames } = await call(dataset.addClassOperation, ports, { name: 'ring' });
    expect(classNames.at(-1)).toBe('ring');

    expect(await call(session.deleteSessionOperation, ports, {})).toEqual({ id: created.session.id, name: 'Spots' });
    const summary = await call(dataset.validateDatasetOperation as Operation<unknown, unknown>, ports, { data });
    expect(summary).toMatchObject({ images: 8 });
  } finally {
    await workspace.close();
  }
});

async function run(...args: string[]): Promise<unknown> {
  const printed: string[] = [];
  const code = await main([...args, '--json'], {
    print: (text) => void printed.push(text),
    note: () => undefined,
    signal: new AbortController().signal,
  });
  expect([args[0], code, printed.length]).toEqual([args[0], 0, 1]);
  return JSON.parse(printed[0] ?? '');
}

test('a command prints one JSON value and nothing else', { timeout: 120_000 }, async () => {
  const data = await makeDataset();
  const place = ['--workspace', root];
  expect(await run('create', ...place, '--data', data, '--name', 'A', '--weights', 'yolov8n.yaml')).toMatchObject({
    session: { name: 'A', baseModel: 'yolov8n.yaml' },
    scan: { images: 8 },
  });
  expect(await run('edit', ...place, '--epochs', '3')).toMatchObject({ epochs: 3, changes: [{ setting: 'epochs' }] });
  expect(await run('status', ...place)).toMatchObject({ session: { name: 'A' } });
  expect(await run('move', ...place, '--to', data)).toMatchObject({ images: 8, added: 0 });
  expect(await run('delete', ...place)).toEqual({ id: 1, name: 'A' });
  expect(await run('validate', '--data', data)).toMatchObject({ images: 8, labelled: 4 });
  expect(await run('settings')).toMatchObject({ required: ['name'] });
});
