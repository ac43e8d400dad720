// npm run bench -- score [--images <folder>]… [--model <path>] [--limit 64] [--rounds 5] [--imgsz 640] [--fast] [--memory]
// [--json]. --fast measures the int8 copy too, --memory what pools of 1,000 and 20,000 images take, and nothing else.
import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus, tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { modelFromPath } from '../../extension/src/cli/parity/modelFromPath.ts';
import { isReadableImageName } from '../../extension/src/adapters/files/imageFormats.ts';
import { productPaths as sourcePaths } from '../../extension/src/composition/productPaths.ts';
import { ensurePython } from '../../scripts/lib/setup.mjs';
import { python, root } from '../../scripts/lib/paths.mjs';
import { fail } from '../../scripts/lib/shell.mjs';
import { measureFast } from './fast.mjs';
import { startFloor } from './floor.mjs';
import { measureMemory } from './memory.mjs';
import { openOurs } from './ours.mjs';
import { startPeer } from './peer.mjs';

const fastImages = 64;

const options = {
  images: { type: 'string', multiple: true },
  model: { type: 'string' },
  limit: { type: 'string', default: '64' },
  rounds: { type: 'string', default: '5' },
  imgsz: { type: 'string', default: '640' },
  fast: { type: 'boolean', default: false },
  memory: { type: 'boolean', default: false },
  sizes: { type: 'string', default: '1000,20000' },
};

export async function bench(args) {
  const { values } = parseArgs({ args, options });
  const data = process.env.AL_TEST_DATA;
  const folders = values.images ?? (data ? ['raccoon-voc', 'deeppcb'].map((name) => join(data, 'data', name)) : []);
  const modelPath = values.model ?? (data ? join(data, 'models', 'yolov8n-coco.pt') : undefined);
  if (folders.length === 0 || modelPath === undefined) {
    fail('What is to be scored? Give --images <folder> and --model <.onnx or .pt>, or set AL_TEST_DATA.');
  }
  if (!values.memory) await ensurePython();
  const work = await mkdtemp(join(tmpdir(), 'bench-score-'));
  const imageSize = Number(values.imgsz);
  const threads = availableParallelism();
  try {
    if (values.memory) return await memory(folders, work, values.sizes);
    const setup = { python, trainerFolder: join(root, 'trainer'), workFolder: work, imageSize, threads };
    const model = await modelFromPath({ ...setup, path: modelPath });
    const figures = {
      bench: 'score',
      machine: { cpu: cpus()[0]?.model ?? 'unknown', threads, node: process.version },
      model: basename(modelPath),
      imageSize,
    };
    for (const folder of folders) {
      const paths = await imagesIn(resolve(folder), Number(values.limit));
      const name = basename(resolve(folder));
      const space = join(work, name);
      figures[name] = await compare({ paths, model, imageSize, threads, folder: space, rounds: Number(values.rounds) });
      console.log(readable(name, figures[name]));
      if (!values.fast) continue;
      const calibration = (await imagesIn(resolve(folder), 2 * fastImages)).filter((path) => !paths.includes(path));
      const measured = { model, paths, calibration, imageSize, threads, folder: space };
      const trainerFolder = join(root, 'trainer');
      const fast = await measureFast({ ...measured, python, trainerFolder, worker: builtPaths().inferenceWorker });
      figures[name].fast = fast;
      console.log(`  int8: ${fast.used ? 'used' : 'not used'}: ${fast.reason}; measured against ${fast.truth}`);
    }
    return figures;
  } finally {
    await rm(work, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Its own figures; the images of all folders take turns. */
async function memory(folders, work, list) {
  const paths = (await Promise.all(folders.map((folder) => imagesIn(resolve(folder), 10)))).flat();
  const figures = await measureMemory({
    folder: work,
    paths,
    sizes: list.split(',').map(Number),
    productPaths: builtPaths(),
    async writeModel(folder, model) {
      const onnxPath = join(folder, 'model.onnx');
      await copyFile(model.onnxPath, onnxPath);
      await writeFile(join(folder, 'model.json'), JSON.stringify(model.info));
      return { ...model, onnxPath };
    },
    report({ images, seconds, peakMb, workersPeakMb, longestBlockMs }) {
      const sizes = `${peakMb} MB at most, its workers ${workersPeakMb} MB`;
      console.log(`${images} images in ${seconds} s: ${sizes}; event loop blocked for ${longestBlockMs} ms at most`);
    },
  });
  return { bench: 'score', memory: figures };
}

/**
 * Contenders take turns, so that all meet the same weather: every other round in reverse, and each beginning with another
 * one, so that none always follows the same other. Before that each runs once to fill its caches, which is not counted.
 */
async function compare({ paths, model, imageSize, threads, folder, rounds }) {
  const ours = await openOurs({ folder, paths, model, imageSize, productPaths: builtPaths() });
  const floor = await startFloor({ model, imageSize, threads, paths });
  const peer = await startPeer({ python, model, imageSize, threads });
  const contenders = {
    ours: async () => (await ours.run()).seconds,
    floor: () => floor.run({ decoded: true }),
    network: () => floor.run({ decoded: false }),
    onnx: () => peer.run('onnx', paths),
    ...(peer.hasPytorch ? { pytorch: () => peer.run('pytorch', paths) } : {}),
  };
  const names = Object.keys(contenders);
  const seconds = Object.fromEntries(names.map((name) => [name, []]));
  try {
    for (const name of names) await contenders[name]();
    for (let round = 0; round < rounds; round++) {
      const first = round % names.length;
      const turns = [...names.slice(first), ...names.slice(0, first)];
      for (const name of round % 2 === 0 ? turns : turns.toReversed()) seconds[name].push(await contenders[name]());
    }
  } finally {
    await ours.close();
    floor.close();
    peer.close();
  }
  const rate = (name) => (seconds[name] ? paths.length / median(seconds[name]) : null);
  // Within a round the machine is about the same: ratios are taken there, and their median counts.
  const ratio = (other) =>
    seconds[other] ? round3(median(seconds.ours.map((taken, index) => seconds[other][index] / taken))) : null;
  return {
    images: paths.length,
    rounds,
    imagesPerSecond: round3(rate('ours')),
    ratioToFloor: ratio('floor'),
    ratioToNetwork: ratio('network'),
    ratioToUltralyticsOnnx: ratio('onnx'),
    ratioToUltralyticsPytorch: ratio('pytorch'),
    floorImagesPerSecond: round3(rate('floor')),
    networkImagesPerSecond: round3(rate('network')),
    ultralyticsOnnxImagesPerSecond: round3(rate('onnx')),
    ultralyticsPytorchImagesPerSecond: round3(rate('pytorch')),
    seconds: Object.fromEntries(Object.entries(seconds).map(([name, list]) => [name, list.map(round3)])),
  };
}

/** What is shipped is measured: the bundled worker and store thread. */
export function builtPaths() {
  const dist = join(root, 'dist');
  const built = { ...sourcePaths() };
  for (const name of ['storeThread', 'inferenceWorker', 'metricThread', 'selectionThread']) {
    if (existsSync(join(dist, `${name}.js`))) built[name] = join(dist, `${name}.js`);
  }
  return built;
}

/** `limit` images of a folder and those below, spread evenly. */
export async function imagesIn(folder, limit) {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const paths = entries
    .filter((entry) => entry.isFile() && isReadableImageName(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .toSorted();
  if (paths.length === 0) fail(`There are no images in ${folder}.`);
  const count = Math.min(limit, paths.length);
  return Array.from({ length: count }, (_, index) => paths[Math.floor((index * paths.length) / count)]);
}

export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

export function round3(value) {
  return value === null ? null : Math.round(value * 1000) / 1000;
}

function ratioText(rate, ratio) {
  return rate === null ? 'not measured' : `${rate.toFixed(1)} images/s, ours is ${ratio.toFixed(2)} of it`;
}

function readable(name, set) {
  return [
    `${name}: ${set.imagesPerSecond.toFixed(1)} images/s, ${set.images} images, median of ${set.rounds} rounds`,
    `  the machine: network and decoding   ${ratioText(set.floorImagesPerSecond, set.ratioToFloor)}`,
    `  the same without image files        ${ratioText(set.networkImagesPerSecond, set.ratioToNetwork)}`,
    `  Ultralytics, ONNX                   ${ratioText(set.ultralyticsOnnxImagesPerSecond, set.ratioToUltralyticsOnnx)}`,
    `  Ultralytics, PyTorch                ${ratioText(set.ultralyticsPytorchImagesPerSecond, set.ratioToUltralyticsPytorch)}`,
  ].join('\n');
}
