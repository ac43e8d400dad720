import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { writePng } from '../../adapters/files/writePng.ts';
import { walkImages } from '../../adapters/files/walkImages.ts';
import { createInference } from '../../adapters/inference/createInference.ts';
import { createPythonInference } from '../../adapters/pythonInference/createPythonInference.ts';
import { nodeFiles } from '../../adapters/training/fileOps.ts';
import { inspectImage } from '../../adapters/training/imageFile.ts';
import { placeImage } from '../../adapters/training/placeImage.ts';
import { findPython } from '../../adapters/training/pythonEnvironment.ts';
import { productPaths } from '../../composition/productPaths.ts';
import { ownPython } from '../../composition/workspace.ts';
import type { Inference, InferenceImage } from '../../workflow/ports/inference.ts';
import type { Command, Terminal } from '../command.ts';
import { numberFlag, requiredFlag, textFlag, UsageError } from '../flags.ts';
import {
  comparePredictions,
  isParity,
  parityOptions,
  parityWarnings,
  type ParityReport,
} from '../parity/comparePredictions.ts';
import { modelFromPath } from '../parity/modelFromPath.ts';

/*
 * Both sides get the same: candidates above 0.2, NMS at IoU 0.7 within a class, 300 boxes at most, and Ultralytics'
 * letterbox, rectangular for weights and for models with symbolic sizes, square for fixed ones, stretched for RT-DETR.
 * Of v10 and 26 weights, the head with full class scores is compared (end2end=False), as it is exported.
 */
export const parityCommand: Command = {
  name: 'parity',
  usage:
    'parity --model <.onnx, .pt or .yaml> --images <folder> [--imgsz 640] [--limit <n>] [--adapter workers|python] [--device cpu] [--python <path>] [--json]',
  summary:
    "Compare our predictions with Ultralytics' own, box by box; exit code 1 when they differ or found nothing to compare",
  options: {
    model: { type: 'string' },
    images: { type: 'string' },
    imgsz: { type: 'string' },
    limit: { type: 'string' },
    adapter: { type: 'string' },
    device: { type: 'string' },
    python: { type: 'string' },
    json: { type: 'boolean' },
  },
  async run(flags, _, terminal) {
    const paths = productPaths();
    const adapter = textFlag(flags, 'adapter') ?? 'workers';
    if (adapter !== 'workers' && adapter !== 'python') throw new UsageError('--adapter must be workers or python.');
    const images = await imagesIn(resolve(requiredFlag(flags, 'images')), terminal, numberFlag(flags, 'limit', 1));
    const configured = textFlag(flags, 'python') ?? ownPython(paths.trainer);
    const { python } = await findPython({ configured }, paths.trainer);
    const workFolder = await mkdtemp(join(tmpdir(), 'active-learning-parity-'));
    const threads = availableParallelism();
    const opened: Inference[] = [];
    try {
      const path = resolve(requiredFlag(flags, 'model'));
      const imageSize = numberFlag(flags, 'imgsz', 32);
      terminal.note(`Reading ${path}`);
      const source = { path, python, trainerFolder: paths.trainer, workFolder, threads };
      const model = await modelFromPath({ ...source, imageSize: imageSize ?? 640 });
      const setup = {
        python: () => Promise.resolve(python),
        trainerFolder: paths.trainer,
        runsFolder: join(workFolder, 'runs'),
        device: textFlag(flags, 'device') ?? 'cpu',
      };
      const theirs = createPythonInference({ ...setup, predictor: 'ultralytics' });
      const ours =
        adapter === 'python' ? createPythonInference(setup) : createInference({ workerPath: paths.inferenceWorker });
      opened.push(theirs, ours);
      terminal.note(`Predicting ${images.length} images, twice`);
      const report = await comparePredictions(
        { inference: theirs, model, copies: await asTrainedOn(images, workFolder) },
        { inference: ours, model },
        images,
        {
          ...parityOptions,
          imageSize: imageSize ?? model.info.imageSize,
          workers: threads,
        },
        terminal.signal,
      );
      for (const warning of parityWarnings(report)) terminal.note(warning);
      terminal.print(flags['json'] === true ? JSON.stringify(report) : readable(report));
      return isParity(report) ? 0 : 1;
    } finally {
      await Promise.all(opened.map((inference) => inference.close()));
      await rm(workFolder, { recursive: true, force: true, maxRetries: 3 });
    }
  },
};

async function imagesIn(
  folder: string,
  terminal: Terminal,
  limit = Number.POSITIVE_INFINITY,
): Promise<InferenceImage[]> {
  const images: InferenceImage[] = [];
  const left: Parameters<typeof walkImages>[1] = { problems: [], unsupported: [], notUtf8: [], texts: [] };
  for await (const { path } of walkImages(folder, left)) {
    if (images.length >= limit) break;
    images.push({ imageId: images.length + 1, absolutePath: path });
  }
  for (const { message } of left.problems) terminal.note(message);
  for (const path of left.unsupported) terminal.note(`Left out, as the format is not supported: ${path}`);
  if (images.length > 0) return images;
  throw new UsageError(`There are no images in ${folder}.`, 'Give a folder that holds some.');
}

/** Where the trainer would be given a copy (an AVIF, a JPEG without its end mark), Ultralytics is given one, too. */
async function asTrainedOn(images: readonly InferenceImage[], workFolder: string): Promise<InferenceImage[]> {
  const result: InferenceImage[] = [];
  for (const image of images) {
    const placement = await inspectImage(nodeFiles, image.absolutePath).catch(() => null);
    if (placement === null || placement.reading === 'as-it-is') {
      result.push(image);
      continue;
    }
    const copy = join(workFolder, `${image.imageId}${placement.extension}`);
    const placed = await placeImage(nodeFiles, placement, copy, writePng).then(
      () => true,
      () => false,
    );
    result.push(placed ? { ...image, absolutePath: copy } : image);
  }
  return result;
}

function readable(report: ParityReport): string {
  const { images, boxes, unmatched, maxDeltaConfidence, minIou, differing } = report;
  return [
    `${images} images, ${boxes} boxes above 0.25 of both sides, ${unmatched} without a partner within the limits`,
    `largest difference of confidence ${maxDeltaConfidence.toFixed(5)}, smallest IoU of partners ${minIou.toFixed(5)}`,
    ...differing.map((path) => `differs: ${path}`),
  ].join('\n');
}
