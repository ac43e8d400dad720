// Scores a pool of images by the product, by the bare machine and by Ultralytics, side by side in one run.
import { existsSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { modelFromPath } from '../../extension/src/cli/parity/modelFromPath.ts';
import { createSystem } from '../../extension/src/adapters/platform/system.ts';
import { productPaths as sourcePaths, type ProductPaths } from '../../extension/src/composition/productPaths.ts';
import type { ModelFiles } from '../../extension/src/workflow/ports/inference.ts';
import { scoringWorkers } from '../../extension/src/workflow/models/scoringWorkers.ts';
import { hostTarget, refusal, targets } from '../../scripts/lib/package/targets.ts';
import { ensurePython } from '../../scripts/lib/setup.ts';
import { python, root } from '../../scripts/begin/paths.mjs';
import { fail } from '../../scripts/begin/shell.mjs';
import { compare, readable } from './compare.ts';
import type { SetFigures } from './figures.ts';
import { measureFast } from './fast.ts';
import { imagesIn } from './images.ts';
import { missedLimits } from './limits.ts';
import { describeMachine } from './machine.ts';
import { measureMemory } from './memory.ts';
import { withSize } from './modelSize.ts';
import { imageSets, type ImageSet } from './sets.ts';
import { labelsFor } from './truth.ts';

const fastImages = 64;
/** With fewer images to calibrate it on, an int8 model says nothing. */
const leastCalibration = 16;
/** Keys of the figures that are no set of images. */
const ownKeys = ['bench', 'machine', 'decoder', 'model', 'imageSize', 'misses'];

const options = {
  images: { type: 'string', multiple: true },
  model: { type: 'string' },
  limit: { type: 'string', default: '200' },
  rounds: { type: 'string', default: '3' },
  imgsz: { type: 'string', default: '640' },
  'no-fast': { type: 'boolean', default: false },
  packaged: { type: 'boolean', default: false },
  memory: { type: 'boolean', default: false },
  sizes: { type: 'string', default: '1000,20000' },
} as const;

type Values = ReturnType<typeof parseArgs<{ options: typeof options }>>['values'];

const whatToScore = [
  'What is to be scored? Give --images <folder> (several times for several sets) and --model <.onnx or .pt>.',
  'Or let AL_TEST_DATA name a folder that holds data/raccoon-voc, data/deeppcb and models/yolov8n-coco.pt.',
].join('\n');

/** @returns one object a set of images, named after its folder, and what was measured on what; sets an exit code on a miss. */
export async function bench(args: string[]): Promise<unknown> {
  const { values } = parseArgs({ args, options });
  if (values.memory) return await memory(values.sizes);
  const data = process.env['AL_TEST_DATA'];
  const folders = values.images ?? (data ? ['raccoon-voc', 'deeppcb'].map((name) => join(data, 'data', name)) : []);
  const modelPath = values.model ?? (data ? join(data, 'models', 'yolov8n-coco.pt') : undefined);
  if (folders.length === 0 || modelPath === undefined) return fail(whatToScore);
  const sets = setsOf(folders);
  if (!existsSync(modelPath)) fail(`There is no model ${modelPath}.`, whatToScore);
  await ensurePython();
  for (const { folder } of sets) await imagesIn(folder, 1);
  const work = await mkdtemp(join(tmpdir(), 'bench-score-'));
  try {
    const productPaths = values.packaged ? await packagedPaths(join(work, 'package')) : builtPaths();
    return await speed({ sets, modelPath, work, values, productPaths });
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Makes its own images. */
async function memory(sizes: string): Promise<unknown> {
  const work = await mkdtemp(join(tmpdir(), 'bench-score-'));
  try {
    return await measureMemory(work, sizes.split(',').map(Number));
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 3 });
  }
}

function setsOf(folders: readonly string[]): readonly ImageSet[] {
  try {
    return imageSets(folders, ownKeys);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error));
  }
}

interface SpeedOptions {
  readonly sets: readonly ImageSet[];
  readonly modelPath: string;
  /** A folder that is removed afterwards. */
  readonly work: string;
  readonly values: Values;
  readonly productPaths: ProductPaths;
}

async function speed({ sets, modelPath, work, values, productPaths }: SpeedOptions): Promise<unknown> {
  const imageSize = Number(values.imgsz);
  const rounds = Number(values.rounds);
  const system = await createSystem();
  const setup = { python, trainerFolder: join(root, 'trainer'), workFolder: work, imageSize };
  const found = await modelFromPath({ ...setup, threads: system.threads, path: modelPath });
  const model = withSize(await described(found, join(work, 'model')));
  // Those that the product takes for scoring, for all that are compared with it.
  const threads = scoringWorkers({ system }, model, imageSize);
  const machine = describeMachine(threads);
  const decoder = values.packaged ? (targets[hostTarget]?.decoder[0] ?? 'unknown') : 'native';
  const facts = { bench: 'score', machine, decoder, model: basename(modelPath), imageSize };
  const figures: Record<string, SetFigures> = {};
  const misses: string[] = [];
  for (const [index, { name, folder }] of sets.entries()) {
    const paths = await imagesIn(folder, Number(values.limit));
    const measured = { model, paths, imageSize, threads, rounds, folder: join(work, `set-${index}`), productPaths };
    let set = await compare(measured);
    if (!values['no-fast']) {
      // Some images calibrate the int8 model and others judge it, as in the product.
      const judging = await imagesIn(folder, fastImages);
      const others = (await imagesIn(folder, 3 * fastImages)).filter((path) => !judging.includes(path));
      const calibration = others.slice(0, 2 * fastImages);
      const readTruth = labelsFor(folder, judging, model.info.names);
      const how = { ...measured, paths: judging, calibration, readTruth, python, trainerFolder: setup.trainerFolder };
      const enough = calibration.length >= leastCalibration;
      set = { ...set, fast: enough ? await measureFast({ ...how, worker: productPaths.inferenceWorker }) : null };
    }
    figures[name] = set;
    console.log(readable(name, set));
    misses.push(...missedLimits(name, set, machine.vnni));
  }
  for (const miss of misses) console.log(`MISSED ${miss}`);
  if (misses.length > 0) process.exitCode = 1;
  return { ...facts, ...figures, misses };
}

/** The product reads what a model is from the `model.json` beside it, which an ONNX file from elsewhere lacks. */
async function described(model: ModelFiles, folder: string): Promise<ModelFiles> {
  if (existsSync(model.onnxPath.replace(/\.onnx$/, '.json'))) return model;
  const onnxPath = join(folder, 'model.onnx');
  await mkdir(folder, { recursive: true });
  await copyFile(model.onnxPath, onnxPath);
  await writeFile(join(folder, 'model.json'), JSON.stringify(model.info));
  return { ...model, onnxPath };
}

/** The programs of the product beside `dist/`, with the natives of the checkout. */
function builtPaths(): ProductPaths {
  return pathsIn(join(root, 'dist'));
}

/** Those of a package for this machine, with the natives that it ships: on Linux, another image decoder. */
async function packagedPaths(stage: string): Promise<ProductPaths> {
  const refused = refusal(hostTarget);
  if (refused) fail(refused, 'Leave --packaged out.');
  // Late: it brings the bundler along.
  const { fillStage } = await import('../../scripts/lib/package/stage.ts');
  await mkdir(stage);
  await fillStage(stage, hostTarget);
  return pathsIn(join(stage, 'dist'));
}

function pathsIn(dist: string): ProductPaths {
  const programs = ['storeThread', 'inferenceWorker', 'scorePluginThread', 'selectionThread', 'datasetReader'] as const;
  const built = programs.filter((name) => existsSync(join(dist, `${name}.js`)));
  return { ...sourcePaths(), ...Object.fromEntries(built.map((name) => [name, join(dist, `${name}.js`)])) };
}
