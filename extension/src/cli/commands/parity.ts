import { mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import * as z from 'zod';
import { writePng } from '../../adapters/files/images/writePng.ts';
import { walkImages } from '../../adapters/files/listing/walkImages.ts';
import { createInference } from '../../adapters/inference/onnx/createInference.ts';
import { createPythonInference } from '../../adapters/inference/torch/createPythonInference.ts';
import { nodeFiles } from '../../adapters/python/fileOps.ts';
import { inspectImage } from '../../adapters/training/snapshot/imageFile.ts';
import { placeImage } from '../../adapters/training/snapshot/placeImage.ts';
import { findPython } from '../../adapters/python/pythonEnvironment.ts';
import { productPaths } from '../../composition/productPaths.ts';
import { ownPython } from '../../composition/workspace.ts';
import type { Inference, InferenceImage } from '../../workflow/ports/inference.ts';
import { countField, pathField, textField } from '../../workflow/operations/fields.ts';
import { defineOperation, UsageError } from '../../workflow/operations/operation.ts';
import type { RunOptions } from '../../workflow/ports/ports.ts';
import { defineCommand, type Environment } from '../defineCommand.ts';
import {
  comparePredictions,
  isParity,
  parityOptions,
  parityWarnings,
  type ParityReport,
} from '../parity/comparePredictions.ts';
import { modelFromPath } from '../parity/modelFromPath.ts';

const imageError = z.object({ file: z.string(), reason: z.string() });

/*
 * Both sides get the same: candidates above 0.2, NMS at IoU 0.7 within a class, 300 boxes at most, and Ultralytics'
 * letterbox: rectangular for weights and for models with symbolic sizes, square for fixed ones, stretched for RT-DETR.
 * Of v10 and 26 weights, the head with full class scores is compared (end2end=False), as it is exported.
 */
const parityOperation = defineOperation({
  id: 'inference.compare',
  title:
    "Compare our predictions with Ultralytics' own, box by box; exit code 1 if they differ or there was nothing to compare",
  effect: 'long',
  input: z.object({
    model: pathField('An .onnx, .pt or .yaml file'),
    images: pathField('A folder of images'),
    imgsz: countField(32, 'Image size; that of the model by default').optional(),
    limit: countField(1, 'Compare only so many images').optional(),
    adapter: z
      .enum(['workers', 'python'])
      .optional()
      .meta({ description: 'Which of our inferences; workers by default' }),
    device: textField('Device for Python; cpu by default').optional(),
    python: textField('The Python interpreter that has the packages of the trainer').optional(),
  }),
  output: z.object({
    images: z.int().meta({ description: 'Images that at least one side could read' }),
    boxes: z.int(),
    unmatched: z.int().meta({ description: 'Boxes without a partner within the limits' }),
    maxDeltaConfidence: z.number(),
    minIou: z.number(),
    allScoresZero: z.boolean(),
    differing: z.array(z.string()).readonly(),
    unreadable: z.array(imageError).readonly(),
    unreadableImages: z.int(),
  }),
  run: comparePaths,
});

interface ParityInput {
  readonly model: string;
  readonly images: string;
  readonly imgsz?: number | undefined;
  readonly limit?: number | undefined;
  readonly adapter?: 'workers' | 'python' | undefined;
  readonly device?: string | undefined;
  readonly python?: string | undefined;
}

async function comparePaths(note: Note, input: ParityInput, { signal }: RunOptions): Promise<ParityReport> {
  const paths = productPaths();
  const images = await imagesIn(input.images, note, input.limit);
  const { python } = await findPython({ configured: input.python ?? ownPython(paths.trainer) }, paths.trainer);
  const workFolder = await mkdtemp(join(tmpdir(), 'active-learning-parity-'));
  const threads = availableParallelism();
  const opened: Inference[] = [];
  try {
    note(`Reading ${input.model}`);
    const source = { path: input.model, python, trainerFolder: paths.trainer, workFolder, threads };
    const model = await modelFromPath({ ...source, imageSize: input.imgsz ?? 640 });
    const setup = {
      python: () => Promise.resolve(python),
      trainerFolder: paths.trainer,
      runsFolder: join(workFolder, 'runs'),
      device: input.device ?? 'cpu',
    };
    const theirs = createPythonInference({ ...setup, predictor: 'ultralytics' });
    const ours =
      input.adapter === 'python'
        ? createPythonInference(setup)
        : createInference({ workerPath: paths.inferenceWorker });
    opened.push(theirs, ours);
    note(`Predicting ${images.length} images, twice`);
    return await comparePredictions(
      { inference: theirs, model, copies: await asTrainedOn(images, workFolder) },
      { inference: ours, model },
      images,
      { ...parityOptions, imageSize: input.imgsz ?? model.info.imageSize, workers: threads },
      signal,
    );
  } finally {
    await Promise.all(opened.map((inference) => inference.close()));
    await rm(workFolder, { recursive: true, force: true, maxRetries: 3 });
  }
}

/** Reports progress and warnings. */
type Note = (text: string) => void;

const environment: Environment<Note> = {
  flags: [],
  use: (_, terminal, work) => work((text) => terminal.note(text), { signal: terminal.signal }),
};

export const parityCommand = defineCommand({
  name: 'parity',
  operation: parityOperation,
  environment,
  text: readable,
  notes: parityWarnings,
  exitCode: (report) => (isParity(report) ? 0 : 1),
});

async function imagesIn(folder: string, note: Note, limit = Number.POSITIVE_INFINITY): Promise<InferenceImage[]> {
  const images: InferenceImage[] = [];
  const left: Parameters<typeof walkImages>[1] = { problems: [], unsupported: [], notUtf8: [], texts: [] };
  for await (const { path } of walkImages(folder, left)) {
    if (images.length >= limit) break;
    images.push({ imageId: images.length + 1, absolutePath: path });
  }
  for (const { message } of left.problems) note(message);
  for (const path of left.unsupported) note(`Left out, as the format is not supported: ${path}`);
  if (images.length > 0) return images;
  throw new UsageError(`There are no images in ${folder}.`, 'Give a folder that holds some.');
}

/** If the trainer would get a copy of an image (an AVIF, a JPEG without its end mark), Ultralytics gets one too. */
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
