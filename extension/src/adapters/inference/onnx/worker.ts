import { setImmediate as nextTurn } from 'node:timers/promises';
import { AppError, toErrorReport } from '../../../core/errors.ts';
import type { InferenceOptions, InferenceResult, ModelFiles } from '../../../workflow/ports/inference.ts';
import { Detector } from './detector.ts';
import { InferenceError } from '../inferenceError.ts';
import type { RgbImage } from '../pixels/resample.ts';
import { watchParent } from '../../platform/parentWatch.ts';
import { loadImageDecoder, loadOnnxRuntime, type ImageDecoder } from './runtime.ts';
import type { FromWorker, ImageJob, OpenModel, ToWorker } from './wire.ts';

/*
 * The entry of a worker process: one model, one thread of inference. `run` of ONNX Runtime blocks this thread, while
 * files are read and images decoded by libuv's pool: so the next image is decoded while the current one is inferred.
 */

interface QueuedImage extends ImageJob {
  /** The file's bytes; read from the moment the job arrives. */
  readonly bytes: Promise<Uint8Array>;
}

interface DecodingImage extends ImageJob {
  readonly pixels: Promise<RgbImage>;
}

interface OpenedRun {
  readonly run: number;
  readonly model: ModelFiles;
  readonly options: InferenceOptions;
  readonly detector: Detector;
  readonly decoder: ImageDecoder;
}

let decoder: ImageDecoder | null = null;
let loaded: { readonly key: string; readonly detector: Detector } | null = null;
let opened: OpenedRun | null = null;
let queue: QueuedImage[] = [];
let ahead: DecodingImage | null = null;
/** Resolves when whatever was begun is finished. */
let idle: Promise<void> = Promise.resolve();
let working = false;

function tell(message: FromWorker): void {
  process.send?.(message, undefined, undefined, () => undefined);
}

function receive(message: ToWorker): void {
  if (message.kind === 'image') {
    if (opened === null || opened.run !== message.run) return;
    const bytes = opened.decoder.readImageFile(message.path);
    // A failure is handled when the bytes are used.
    bytes.catch(() => undefined);
    queue.push({ job: message.job, imageId: message.imageId, path: message.path, bytes });
    if (!working) idle = work(opened);
    return;
  }
  queue = [];
  ahead = null;
  if (message.kind === 'open') idle = open(message.run, message, idle);
}

async function open(run: number, request: OpenModel, before: Promise<void>): Promise<void> {
  await before;
  opened = null;
  const { model, options, stamp, provider } = request;
  try {
    decoder ??= await loadImageDecoder();
    const key = JSON.stringify([model, stamp, provider]);
    if (loaded?.key !== key) {
      const runtime = await loadOnnxRuntime();
      await loaded?.detector.dispose();
      loaded = null;
      loaded = { key, detector: await Detector.load(runtime, model, options, provider) };
    }
    opened = { run, model, options, detector: loaded.detector, decoder };
    tell({ kind: 'opened', run });
  } catch (error) {
    tell({ kind: 'refused', run, error: toErrorReport(error) });
  }
}

/** Takes images until there are none. */
async function work(current: OpenedRun): Promise<void> {
  working = true;
  for (let image = takeNext(current); image !== null; image = takeNext(current)) {
    const { job } = image;
    try {
      tell({ kind: 'result', run: current.run, job, result: await predict(current, image) });
    } catch (error) {
      tell({ kind: 'refused', run: current.run, error: toErrorReport(error) });
    }
  }
  working = false;
}

/** The image whose decoding has begun, otherwise the next of the queue. */
function takeNext(current: OpenedRun): DecodingImage | null {
  const image = ahead ?? decodeNext(current);
  ahead = null;
  return image;
}

function decodeNext({ run, decoder: images }: OpenedRun): DecodingImage | null {
  const next = queue.shift();
  if (next === undefined) return null;
  const { job, imageId, path, bytes } = next;
  tell({ kind: 'stage', run, job, stage: 'decoding' });
  const pixels = bytes.then((read) => images.decodeRgbBytes(read, path));
  pixels.then(
    () => tell({ kind: 'stage', run, job, stage: 'decoded' }),
    () => undefined,
  );
  return { job, imageId, path, pixels };
}

/** @throws InferenceError `model-broken` when the model's output is not what `model.json` says. */
async function predict(current: OpenedRun, image: DecodingImage): Promise<InferenceResult> {
  const { run, model, options, detector } = current;
  const { job, imageId, path } = image;
  let pixels: RgbImage;
  try {
    pixels = await image.pixels;
  } catch (error) {
    const message = error instanceof AppError ? error.message : `The image ${path} cannot be read: ${String(error)}`;
    return { ok: false, imageId, code: 'unreadable-image', message };
  }
  tell({ kind: 'stage', run, job, stage: 'inferring' });
  ahead = decodeNext(current);
  try {
    const letterbox = detector.prepare(pixels, options);
    // Two turns of the event loop: the first sees the header of the next image read, so that its pixels are being
    // decoded by the time this thread blocks.
    await nextTurn();
    await nextTurn();
    const prediction = await detector.run(letterbox, options);
    return { ok: true, imageId, width: pixels.width, height: pixels.height, ...prediction };
  } catch (error) {
    if (error instanceof AppError) {
      const reason = `The model ${model.onnxPath} cannot be used: ${error.message}`;
      throw new InferenceError('model-broken', reason, error.hint, { where: model.onnxPath, cause: error });
    }
    const reason = error instanceof Error ? error.message : String(error);
    return { ok: false, imageId, code: 'worker-crashed', message: `The model failed on ${path}: ${reason}` };
  }
}

process.on('message', (message) => receive(message as ToWorker));
// Ctrl-C in a terminal reaches the whole process group; the parent decides what becomes of its workers.
process.on('SIGINT', () => undefined);
// The parent is gone. Nothing here is worth an orderly exit, which would wait for blocked file reads.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// A model that never returns blocks this thread, which then hears of nothing.
watchParent(process.ppid);
