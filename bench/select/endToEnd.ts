// From what is on disk to a stored batch: predictions, hashes and labels of 100,000 images, and the file with their
// vectors. Arguments: strategy, images, repeats. Prints one line of JSON: seconds, by step, and how long the caller stood still.
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { setTimeout } from 'node:timers/promises';
import Database from 'better-sqlite3';
import { newModel, settings } from '../../extension/src/adapters/store/testing/fixtures.ts';
import { productPaths } from '../../extension/src/composition/productPaths.ts';
import { openWorkspace } from '../../extension/src/composition/workspace.ts';
import { strategyById } from '../../extension/src/core/selection/registry.ts';
import { createRandom } from '../../extension/src/core/random.ts';
import { readHashes } from '../../extension/src/workflow/dataset/datasetHashes.ts';
import { nearDuplicates } from '../../extension/src/workflow/similarity/duplicates.ts';
import { embeddingsFor, spaceOfVersion } from '../../extension/src/workflow/similarity/embedImages.ts';
import { selectBatch } from '../../extension/src/workflow/iteration/selection/selectBatch.ts';
import { selectionFacts } from '../../extension/src/workflow/iteration/selection/selectionInput.ts';
import type { EmbeddingSpace } from '../../extension/src/workflow/ports/embeddings.ts';
import type { Ports } from '../../extension/src/workflow/ports/ports.ts';
import type { IterationRow } from '../../extension/src/workflow/ports/store/iterations.ts';
import type { ModelVersionRow } from '../../extension/src/workflow/ports/store/models.ts';
import type { SessionRow } from '../../extension/src/workflow/ports/store/sessions.ts';
import { root } from '../../scripts/begin/paths.mjs';
import { classes, predictionOf } from '../store/rows.ts';
import { dimensions, labelledImages, makeVectors } from './pool.ts';

/** The timer itself ticks as often, in milliseconds. */
const resolution = 5;
const chunk = 1000;
/** One image of so many is a copy of the one before. */
const copies = 100;

const contentHashOf = (imageId: number): string => createHash('sha256').update(`${imageId}`).digest('hex');

const [strategyText, imagesText, repeatsText] = process.argv.slice(2);
const strategy = strategyById(strategyText ?? '').id;
const images = Number(imagesText);
const all = images + labelledImages;
const folder = mkdtempSync(join(tmpdir(), 'bench-select-'));
const bundled = (name: string): string => join(root, 'dist', `${name}.js`);
const paths = { ...productPaths(), storeThread: bundled('storeThread'), selectionThread: bundled('selectionThread') };
const workspace = await openWorkspace({ folder, paths });
try {
  const made = await fill(workspace.ports);
  // What making the data left behind is not the selection's.
  await setTimeout(500);
  console.log(JSON.stringify(await measure(workspace.ports, made)));
} finally {
  await workspace.close();
  rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

interface Filled {
  readonly session: SessionRow;
  readonly iteration: IterationRow;
  readonly version: ModelVersionRow;
}

/** A session of a bare architecture: its vectors are those of its newest version, so that no weights are needed. */
async function fill(ports: Ports): Promise<Filled> {
  const { store } = ports;
  const names = Array.from({ length: classes }, (_, id) => `class ${id}`);
  const dataset = await store.datasets.create(
    { kind: 'yaml', path: join(folder, 'data.yaml'), poolFolders: [] },
    names,
  );
  const place = await store.datasets.addRoot(dataset.id, folder, 'dataset');
  const batch = { strategy, baseModel: 'bench.yaml', maxSamplesPerIteration: 100, localisation: false };
  const session = await store.sessions.create(dataset.id, { ...settings, ...batch });
  const iteration = await store.iterations.create(session.id, 1, 'selecting');
  const onnxPath = join(folder, 'model.onnx');
  writeFileSync(onnxPath, '');
  writeFileSync(join(folder, 'model.json'), JSON.stringify(modelInfo(names)));
  for (const path of [onnxPath, join(folder, 'model.json')]) await ports.knownFiles.remember(path, 'run');
  const version = await store.models.create({ ...newModel(session.id, iteration.id), modelPath: onnxPath });
  addImages(dataset.id, place.id);
  writeLabels();
  for (let first = 1; first <= images; first += chunk) {
    const count = Math.min(chunk, images - first + 1);
    await store.predictions.put(
      version.id,
      Array.from({ length: count }, (_, i) => predictionOf(first + i)),
    );
  }
  const space = await spaceOfVersion(ports, session, version);
  if (space === null) throw new Error('The version has no vectors.');
  await putVectors(ports, space);
  return { session, iteration, version };
}

function modelInfo(names: readonly string[]): unknown {
  const outputs = [
    { name: 'output0', role: 'detections' },
    { name: 'embedding', role: 'embedding', dimensions },
  ];
  return {
    schema: 1,
    head: 'dense',
    names,
    stride: 32,
    imageSize: 320,
    dynamic: true,
    input: { name: 'images' },
    outputs,
  };
}

/** The labelled ones come last. */
function addImages(datasetId: number, rootId: number): void {
  const database = new Database(join(folder, '.active-learning', 'sessions.db'));
  const insert = database.prepare(
    `INSERT INTO images (dataset_id, root_id, relative_path, content_hash, perceptual_hash, split, state, size, mtime_ms)
     VALUES (?, ?, ?, ?, ?, 'train', ?, 100000, 0)`,
  );
  const random = createRandom(3);
  const word = (): string =>
    Math.floor(random() * 2 ** 32)
      .toString(16)
      .padStart(8, '0');
  let hash = '';
  database.transaction(() => {
    for (let id = 1; id <= all; id++) {
      if (id % copies !== 0) hash = word() + word() + word() + word();
      const state = id <= images ? 'unlabelled' : 'labelled';
      insert.run(datasetId, rootId, `images/${id}.jpg`, contentHashOf(id), hash, state);
    }
  })();
  database.pragma('wal_checkpoint(TRUNCATE)');
  database.close();
}

function writeLabels(): void {
  mkdirSync(join(folder, 'labels'));
  const random = createRandom(4);
  for (let id = images + 1; id <= all; id++) {
    const rows = Array.from({ length: 3 }, () => `${Math.floor(random() ** 2 * classes)} 0.5 0.5 0.2 0.2\n`);
    writeFileSync(join(folder, 'labels', `${id}.txt`), rows.join(''));
  }
}

async function putVectors(ports: Ports, space: EmbeddingSpace): Promise<void> {
  const vectors = makeVectors(images, 'clusters');
  for (let first = 1; first <= all; first += chunk) {
    const count = Math.min(chunk, all - first + 1);
    const entries = Array.from({ length: count }, (_, i) => {
      const imageId = first + i;
      const shown = imageId % copies === 0 ? imageId - 1 : imageId;
      const vector = vectors.slice((shown - 1) * dimensions, shown * dimensions);
      return { imageId, contentHash: contentHashOf(imageId), vector };
    });
    await ports.embeddings.put(space, entries);
  }
}

/** One value for each turn. */
interface StepTimes extends Record<string, number[]> {
  readonly seconds: number[];
  /** Of the process with its threads. */
  readonly cpuSeconds: number[];
  /** Of the calling thread. */
  readonly ownSeconds: number[];
  readonly blockedMs: number[];
  readonly blockedOwnMs: number[];
}

/**
 * Runs the whole and its steps. A step holds the caller up for as long as its own thread computes without a pause: measured in
 * processor time too, which other programs do not lengthen.
 */
async function measure(ports: Ports, { session, iteration, version }: Filled): Promise<unknown> {
  const figures: Record<string, StepTimes> = {};
  const timed = async <Result>(step: string, work: () => Promise<Result>): Promise<Result> => {
    const figure = (figures[step] ??= { seconds: [], cpuSeconds: [], ownSeconds: [], blockedMs: [], blockedOwnMs: [] });
    const delay = monitorEventLoopDelay({ resolution });
    const watch = watchOwnTime();
    delay.enable();
    const [start, cpuStart, ownStart] = [performance.now(), process.cpuUsage(), ownTime()];
    const result = await work();
    figure.seconds.push((performance.now() - start) / 1000);
    const { user, system } = process.cpuUsage(cpuStart);
    figure.cpuSeconds.push((user + system) / 1e6);
    figure.ownSeconds.push((ownTime() - ownStart) / 1000);
    // The last stretch is only seen by the timer that follows it.
    await setTimeout(2 * resolution);
    delay.disable();
    figure.blockedMs.push(delay.max / 1e6 - resolution);
    figure.blockedOwnMs.push(watch());
    return result;
  };
  let size = 0;
  for (let turn = 0; turn < Number(repeatsText); turn++) {
    await timed('facts', () => selectionFacts(ports, session, iteration, version));
    const vectors = await timed('vectors', () => embeddingsFor(ports, session));
    await timed('nearDuplicates', () =>
      readHashes(ports, session.datasetId).then((pictures) => nearDuplicates(ports, pictures, vectors)),
    );
    ({ size } = await timed('whole', () => selectBatch(ports, session, iteration, version)));
  }
  const steps = Object.entries(figures).map(([step, figure]) => {
    const summary = Object.entries(figure).map(([name, values]) => [
      name,
      name.endsWith('Seconds') || name === 'seconds' ? middle(values) : Math.max(...values),
    ]);
    return [step, Object.fromEntries(summary)];
  });
  return { size, ...Object.fromEntries(steps) };
}

function middle(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? NaN;
}

/** Milliseconds of processor time of this thread. */
function ownTime(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

/** @returns a function that ends the watch and gives the most processor time between two ticks of a timer. */
function watchOwnTime(): () => number {
  let before = ownTime();
  let worst = 0;
  const measureStep = (): void => {
    const now = ownTime();
    worst = Math.max(worst, now - before);
    before = now;
  };
  const timer = setInterval(measureStep, 1);
  return () => {
    clearInterval(timer);
    measureStep();
    return worst;
  };
}
