import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { TrainingError } from '../src/core/session/errors.ts';
import type { EmbeddingMatrix } from '../src/core/selection/embeddings.ts';
import { rescanDataset } from '../src/workflow/dataset/datasets.ts';
import type { ModelJob } from '../src/workflow/ports/job.ts';
import type { Ports } from '../src/workflow/ports/ports.ts';
import { embeddingsFor, spaceOfVersion } from '../src/workflow/similarity/embedImages.ts';
import { runIteration } from '../src/workflow/iteration/runIteration.ts';
import type { SessionRow } from '../src/workflow/ports/store/sessions.ts';
import { finishReview } from '../src/workflow/review/finishReview.ts';
import { createSession } from '../src/workflow/session/sessions.ts';
import {
  makePaintedDataset,
  openFakePorts,
  paintObjects,
  rowOf,
  type FakeTraining,
  type PaintedObject,
} from './support/fakePorts.ts';

let root = '';
let ports: Ports;
let training: FakeTraining;
let close: () => Promise<void>;
/** Images that were given to a model, in order. */
let predicted: number[] = [];
/** The weights that each model came with. */
let weightsOfModels: (string | undefined)[] = [];

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'embeddings-'));
  const opened = await openFakePorts(root);
  predicted = [];
  weightsOfModels = [];
  training = opened.training;
  close = opened.workspace.close;
  const { inference } = opened.ports;
  ports = {
    ...opened.ports,
    inference: {
      ...inference,
      predict: (model, images, options, ...more) => {
        weightsOfModels.push(model.weightsPath);
        return inference.predict(
          model,
          (async function* () {
            for await (const image of images) {
              predicted.push(image.imageId);
              yield image;
            }
          })(),
          options,
          ...more,
        );
      },
    },
  };
});
afterEach(async () => {
  await close();
  await rm(root, { recursive: true, force: true });
});

const red: PaintedObject = { column: 1, row: 1, classId: 0, brightness: 250 };
const green: PaintedObject = { column: 4, row: 2, classId: 1, brightness: 200 };
const blue: PaintedObject = { column: 6, row: 6, classId: 2, brightness: 160 };
const labelled = { spots: [red], label: `${rowOf(red)}\n` };

async function session(baseModel: string): Promise<SessionRow> {
  const yaml = await makePaintedDataset(join(root, 'data'), {
    a: labelled,
    b: { ...labelled, spots: [red, blue] },
    c: labelled,
    pool1: { spots: [green] },
    pool2: { spots: [green, green, blue] },
    pool3: { spots: [] },
  });
  const settings = { name: 'Spots', baseModel, imageSize: 64, maxSamplesPerIteration: 2 };
  return (await createSession(ports, { kind: 'yaml', path: yaml, poolFolders: [] }, settings)).session;
}

const picture = (name: string): string => join(root, 'data', 'images', 'train', `${name}.png`);
const files = async (): Promise<string[]> =>
  (await readdir(join(root, '.active-learning', 'cache'))).filter((name) => name.endsWith('.bin'));
const rowsOf = ({ dimensions, imageIds, ...matrix }: EmbeddingMatrix): Map<number, number[]> =>
  new Map([...imageIds].map((id, row) => [id, [...matrix.vectors.subarray(row * dimensions, (row + 1) * dimensions)]]));
async function vectors(row: SessionRow): Promise<Map<number, number[]>> {
  const matrix = await embeddingsFor(ports, row);
  if (matrix === null) throw new Error('no vectors');
  return rowsOf(matrix);
}

describe('embeddings of a session', () => {
  test('are of the base weights, of unit length and about their centre, and are computed once', async () => {
    const row = await session('yolov8n.pt');
    const first = await vectors(row);
    expect(training.jobs).toMatchObject([{ kind: 'export', weights: 'yolov8n.pt' }]);
    expect([...first.keys()]).toEqual([1, 2, 3, 4, 5, 6]);
    for (const vector of first.values()) expect(Math.hypot(...vector)).toBeCloseTo(1, 5);
    expect(predicted.toSorted()).toEqual([1, 2, 3, 4, 5, 6]);
    expect(await vectors(row)).toEqual(first);
    expect(training.jobs).toHaveLength(1);
    expect(predicted).toHaveLength(6);
  });

  test('are exported under the next name if a run of the first one has begun with other settings', async () => {
    const { trainer } = ports;
    const names: string[] = [];
    const prepare = (job: ModelJob): Promise<void> => {
      names.push(job.runId);
      if (names.length > 1) return trainer.prepare(job);
      return Promise.reject(new TrainingError('run-conflict', 'It has begun with other settings.', 'Use another.'));
    };
    ports = { ...ports, trainer: { ...trainer, prepare } };
    expect((await vectors(await session('yolov8n.pt'))).size).toBe(6);
    expect(names).toEqual([expect.stringMatching(/-1$/), expect.stringMatching(/-2$/)]);
  });

  test.each([
    ['of a file', 'base.pt', undefined],
    // A name stands for a file that the trainer knows.
    ['of a name', undefined, 'known.pt'],
    ['of a name that nobody knows', undefined, undefined],
  ])('come with the weights %s that torch could run, where these are on this machine', async (_, base, known) => {
    for (const name of [base, known]) if (name !== undefined) await writeFile(join(root, name), 'weights');
    if (known !== undefined) training.exportedFrom = join(root, known);
    await vectors(await session(base === undefined ? 'yolov8s.pt' : join(root, base)));
    const file = base ?? known;
    expect(weightsOfModels).toEqual([file === undefined ? undefined : join(root, file)]);
  });

  test('stay what they are when images come, change and go', async () => {
    const row = await session('yolov8n.pt');
    const first = await vectors(row);
    await paintObjects(picture('more'), [red, green, blue], 99);
    await paintObjects(picture('pool1'), [blue], 77);
    await rm(picture('pool3'));
    await rescanDataset(ports, row.datasetId);
    predicted = [];
    const second = await vectors(row);
    const changed = [...second].filter(([id, vector]) => JSON.stringify(vector) !== JSON.stringify(first.get(id)));
    expect(predicted.toSorted()).toEqual(changed.map(([id]) => id).toSorted());
    expect(changed).toHaveLength(2);
    expect([...first.keys()].filter((id) => !second.has(id))).toHaveLength(1);
  });

  test('of a bare architecture are there after the first training, and are those of the newest version', async () => {
    const row = await session('yolov8n.yaml');
    const told: string[] = [];
    expect(await embeddingsFor(ports, row, { report: ({ message }) => told.push(message) })).toBeNull();
    expect(told.join()).toContain('no trained weights');
    const iteration = await runIteration(ports, row.id);
    await vectors(row);
    const before = await files();
    expect(before).toHaveLength(1);
    const [version] = await ports.store.models.list(row.id);
    if (!version) throw new Error('no version');
    expect(before).toEqual([`embeddings-${(await spaceOfVersion(ports, row, version))?.key}.bin`]);
    await finishReview(ports, iteration.id);
    await runIteration(ports, row.id);
    await vectors(row);
    const after = await files();
    expect(after).toHaveLength(1);
    expect(after).not.toEqual(before);
    expect(training.jobs.filter(({ kind }) => kind === 'export')).toEqual([]);
  });

  test('are none, with the reason, where the base cannot be exported; it is tried again', async () => {
    const row = await session('yolov8n.pt');
    const { trainer } = ports;
    const broken = new TrainingError('python-missing', 'There is no Python.', 'Set it up.');
    const told: string[] = [];
    const without = { ...ports, trainer: { ...trainer, start: () => Promise.reject(broken) } };
    expect(await embeddingsFor(without, row, { report: ({ message }) => told.push(message) })).toBeNull();
    expect(told.join()).toContain('There is no Python. Set it up.');
    training.nextError = { name: 'TrainingError', code: 'weights-missing', message: 'No weights.', hint: 'Get some.' };
    expect(await embeddingsFor(ports, row, { report: ({ message }) => told.push(message) })).toBeNull();
    expect(told.join()).toContain('No weights. Get some.');
    expect(await embeddingsFor(ports, row)).not.toBeNull();
  });

  test('that were computed before a stop are kept', async () => {
    const row = await session('yolov8n.pt');
    const abort = new AbortController();
    const { inference } = ports;
    const stopping: Ports = {
      ...ports,
      inference: {
        ...inference,
        async *predict(model, images, options, signal) {
          let count = 0;
          for await (const result of inference.predict(model, images, { ...options, workers: 1 }, signal)) {
            yield result;
            if (++count === 3) abort.abort();
          }
        },
      },
    };
    await expect(embeddingsFor(stopping, row, { signal: abort.signal })).rejects.toMatchObject({ code: 'cancelled' });
    predicted = [];
    expect((await vectors(row)).size).toBe(6);
    expect(predicted).toHaveLength(3);
  });
});
