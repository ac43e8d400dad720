import { cp, mkdir, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import sharp from 'sharp';
import { createDatasetFiles } from '../../src/adapters/files/listing/datasetFiles.ts';
import { tinyModelInfo } from '../../src/adapters/inference/testing/predictions.ts';
import { createProductInference } from '../../src/composition/productInference.ts';
import { productPaths } from '../../src/composition/productPaths.ts';
import { openWorkspace, type Workspace } from '../../src/composition/workspace.ts';
import { createRandom } from '../../src/core/random.ts';
import type { Ports } from '../../src/workflow/ports/ports.ts';
import type { Inference } from '../../src/workflow/ports/inference.ts';
import type { ModelJob, TrainJob } from '../../src/workflow/ports/job.ts';
import type { RunResult, Trainer } from '../../src/workflow/ports/trainer.ts';

const model = join(import.meta.dirname, '..', '..', 'src', 'adapters', 'inference', 'testing', 'tinyDynamic.onnx');

export const classNames = ['red', 'green', 'blue'] as const;

/** A spot of one class: at cell (column, row) of 8 pixels, its brightness 0…255 is the model's confidence. */
export interface PaintedObject {
  readonly column: number;
  readonly row: number;
  readonly classId: 0 | 1 | 2;
  readonly brightness: number;
}

/** Writes a black 64 x 64 picture with coloured cells, which the tiny model answers exactly. */
export async function paintObjects(path: string, spots: readonly PaintedObject[], mark = 0): Promise<void> {
  const pixels = Buffer.alloc(64 * 64 * 3);
  // A faint pattern, too weak for any score: pictures with the same spots neither are copies nor look like ones.
  const random = createRandom(mark);
  for (let cell = 0; cell < 64; cell++) {
    const level = Math.floor(random() * 8);
    for (let i = 0; i < 64; i++) {
      const [x, y] = [(cell % 8) * 8 + (i % 8), Math.floor(cell / 8) * 8 + Math.floor(i / 8)];
      pixels.fill(level, (y * 64 + x) * 3, (y * 64 + x) * 3 + 3);
    }
  }
  for (const { column, row, classId, brightness } of spots) {
    for (let y = row * 8; y < row * 8 + 8; y++) {
      for (let x = column * 8; x < column * 8 + 8; x++) pixels[(y * 64 + x) * 3 + classId] = brightness;
    }
  }
  await sharp(pixels, { raw: { width: 64, height: 64, channels: 3 } })
    .png()
    .toFile(path);
}

/** The label row of a cell. */
export function rowOf(spot: PaintedObject): string {
  return `${spot.classId} ${at(spot.column)} ${at(spot.row)} 0.125000 0.125000`;
}

function at(cell: number): string {
  return ((cell * 8 + 4) / 64).toFixed(6);
}

/** A folder in YOLO layout: pictures by file name, label text where there is one. */
export async function makePaintedDataset(
  folder: string,
  pictures: Readonly<Record<string, { readonly spots: readonly PaintedObject[]; readonly label?: string }>>,
  names: readonly string[] = classNames,
): Promise<string> {
  await mkdir(join(folder, 'images', 'train'), { recursive: true });
  await mkdir(join(folder, 'labels', 'train'), { recursive: true });
  for (const [index, [name, { spots, label }]] of Object.entries(pictures).entries()) {
    await paintObjects(join(folder, 'images', 'train', `${name}.png`), spots, index);
    if (label !== undefined) await writeFile(join(folder, 'labels', 'train', `${name}.txt`), label);
  }
  return writeYaml(folder, names);
}

export async function writeYaml(folder: string, names: readonly string[]): Promise<string> {
  const yaml = join(folder, 'data.yaml');
  await writeFile(yaml, `path: .\ntrain: images/train\nnames: [${names.join(', ')}]\n`);
  return yaml;
}

let inference: Inference | undefined;

/** The product's inference for all tests of this process: its workers stay warm, and end with the process. */
export function sharedInference(): Inference {
  inference ??= createProductInference({
    paths: productPaths(),
    runsFolder: tmpdir(),
    trainer: { checkEnvironment: () => Promise.reject(new Error('These tests have no Python.')) },
  });
  return inference;
}

export interface FakeTraining {
  /** What the trainer was asked for, in order, and the trainings among it. */
  readonly jobs: ModelJob[];
  readonly trainings: TrainJob[];
  /** What the next training ends with; by default it succeeds. */
  nextError: RunResult['error'] | undefined;
  /** What the trainer says of the dataset that it was given. */
  dataset?: (job: TrainJob) => RunResult['dataset'];
  /** The file that a base model's name stands for. */
  exportedFrom?: string;
}

/** Real ports whose trainer hands out the tiny model at once: everything but the training is real. */
export async function openFakePorts(
  folder: string,
): Promise<{ ports: Ports; training: FakeTraining; workspace: Workspace }> {
  const workspace = await openWorkspace({ folder });
  const training: FakeTraining = { jobs: [], trainings: [], nextError: undefined };
  return {
    workspace,
    training,
    ports: {
      ...workspace.ports,
      inference: sharedInference(),
      // In this process: a process for each of many small datasets takes long.
      datasetFiles: createDatasetFiles(),
      trainer: fakeTrainer(workspace.ports, training),
    },
  };
}

function exported({ exportedFrom }: FakeTraining): Pick<RunResult, 'exportedFrom'> {
  return exportedFrom === undefined ? {} : { exportedFrom };
}

function read({ dataset, trainings }: FakeTraining): Pick<RunResult, 'dataset'> {
  const [job, answer] = [trainings.at(-1), dataset];
  const found = job && answer?.(job);
  return found === undefined ? {} : { dataset: found };
}

function fakeTrainer({ runsFolder, knownFiles, trainer }: Ports, training: FakeTraining): Trainer {
  const results = new Map<string, RunResult>();
  const common = { epochsCompleted: 1, trainingSeconds: 0.1, packages: {}, device: 'cpu' };
  return {
    checkEnvironment: () =>
      Promise.resolve({ python: 'python', pythonVersion: '3.11.0', packages: {}, devices: ['cpu'] }),
    checkWeights: trainer.checkWeights,
    async prepare(job) {
      training.jobs.push(job);
      if (job.kind === 'train') training.trainings.push(job);
    },
    start: () => Promise.resolve({ pid: 1, startTime: '1', nonce: 'fake' }),
    async follow(runId) {
      const weights = join(runsFolder, runId, 'weights');
      await mkdir(weights, { recursive: true });
      const onnxPath = join(weights, 'model.onnx');
      const weightsPath = join(weights, 'best.pt');
      await cp(model, onnxPath);
      await writeFile(weightsPath, 'weights');
      await writeFile(join(weights, 'model.json'), JSON.stringify(tinyModelInfo));
      for (const path of [onnxPath, weightsPath, join(weights, 'model.json')]) await knownFiles.remember(path, 'run');
      const { nextError } = training;
      training.nextError = undefined;
      const result: RunResult = nextError
        ? { ...common, status: 'failed', error: nextError }
        : {
            ...common,
            status: 'finished',
            weightsPath,
            onnxPath,
            modelInfo: tinyModelInfo,
            finalLoss: 1,
            ...exported(training),
            ...read(training),
          };
      results.set(runId, result);
      return result;
    },
    cancel: () => Promise.resolve(),
    isAlive: () => Promise.resolve(false),
    result: (runId) => Promise.resolve(results.get(runId) ?? null),
  };
}
