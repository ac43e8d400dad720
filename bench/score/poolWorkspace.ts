import { createHash } from 'node:crypto';
import { copyFile, link, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { tinyModelInfo } from '../../extension/src/adapters/inference/testing/predictions.ts';
import type { ProductPaths } from '../../extension/src/composition/productPaths.ts';
import { openWorkspace } from '../../extension/src/composition/workspace.ts';
import { createRandom } from '../../extension/src/core/random.ts';
import type { ModelInfo } from '../../extension/src/core/detection/types.ts';
import { validateSettings } from '../../extension/src/core/session/settings.ts';
import type { NewImage } from '../../extension/src/workflow/ports/store/images.ts';
import { root } from '../../scripts/begin/paths.mjs';
import { makePictures } from '../dataset/images.ts';

const chunkSize = 1000;
/** One image of this many is labelled. */
const labelledShare = 100;
const dimensions = 448;

const info: ModelInfo = {
  ...tinyModelInfo,
  outputs: [
    { name: 'output0', role: 'detections' },
    { name: 'embedding', role: 'embedding', dimensions },
  ],
};

/**
 * Makes a workspace whose session is about to score a pool of so many images: files that share the content of a few, rows
 * as a scan leaves them, and a version whose network has almost no weights but gives boxes and vectors of the usual size.
 * @param productPaths the programs of the product.
 * @returns the id of the session.
 */
export async function makePoolWorkspace(folder: string, count: number, productPaths: ProductPaths): Promise<number> {
  const images = join(folder, 'images', 'train');
  const labels = join(folder, 'labels', 'train');
  await mkdir(images, { recursive: true });
  await mkdir(labels, { recursive: true });
  const pictures = await makePictures();
  await Promise.all(pictures.map((bytes, number) => writeFile(join(folder, `picture-${number}.jpg`), bytes)));
  const workspace = await openWorkspace({ folder, paths: productPaths });
  try {
    const { store, knownFiles } = workspace.ports;
    const source = { kind: 'folder', path: folder, classNames: info.names, poolFolders: [] } as const;
    const dataset = await store.datasets.create(source, info.names);
    const place = await store.datasets.addRoot(dataset.id, folder, 'dataset');
    const hash = perceptualHashes();
    for (let start = 0; start < count; start += chunkSize) {
      const numbers = Array.from({ length: Math.min(chunkSize, count - start) }, (_, index) => start + index);
      await Promise.all(
        numbers.map(async (number) => {
          await link(join(folder, `picture-${number % pictures.length}.jpg`), join(images, `${nameOf(number)}.jpg`));
          if (isLabelled(number)) await writeFile(join(labels, `${nameOf(number)}.txt`), '0 0.5 0.5 0.2 0.2\n');
        }),
      );
      await store.images.insert(
        dataset.id,
        numbers.map((number) => rowOf(number, place.id, hash())),
      );
    }
    const settings = { name: 'Measured', baseModel: 'bench.yaml', imageSize: info.imageSize, localisation: false };
    const session = await store.sessions.create(dataset.id, validateSettings(settings));
    const iteration = await store.iterations.create(session.id, 1, 'scoring');
    const onnxPath = join(folder, 'model.onnx');
    await copyFile(join(root, 'extension/src/adapters/inference/testing/tinyWide.onnx'), onnxPath);
    await writeFile(join(folder, 'model.json'), JSON.stringify(info));
    for (const path of [onnxPath, join(folder, 'model.json')]) await knownFiles.remember(path, 'run');
    await store.models.create({
      sessionId: session.id,
      iterationId: iteration.id,
      modelPath: onnxPath,
      weightsPath: onnxPath,
      performanceMetrics: {},
      modelSizeMb: 0.01,
      labelSnapshot: '',
      lineage: {},
    });
    return session.id;
  } finally {
    await workspace.close();
  }
}

const nameOf = (number: number): string => `image-of-the-day-${String(number).padStart(9, '0')}`;
const isLabelled = (number: number): boolean => number % labelledShare === 0;

function rowOf(number: number, rootId: number, perceptualHash: string): NewImage {
  return {
    rootId,
    relativePath: `images/train/${nameOf(number)}.jpg`,
    contentHash: createHash('sha256').update(String(number)).digest('hex'),
    labelHash: null,
    width: 160,
    height: 120,
    perceptualHash,
    size: 5000,
    mtimeMs: 0,
    captureGroup: null,
    problem: null,
    split: 'train',
    state: isLabelled(number) ? 'labelled' : 'unlabelled',
  };
}

/** A function that gives another hash each time; one in a hundred images has that of the image before. */
function perceptualHashes(): () => string {
  const random = createRandom(3);
  let hash = '';
  return () => {
    if (hash === '' || random() >= 0.01) {
      const words = Array.from({ length: 4 }, () => Math.floor(random() * 2 ** 32));
      hash = words.map((word) => word.toString(16).padStart(8, '0')).join('');
    }
    return hash;
  };
}
