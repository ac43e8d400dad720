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
 * The entry point of a worker process: one model, one inference thread. ONNX Runtime blocks this thread in `run`. The
 * libuv pool reads files and decodes images, so it decodes the next image while the model infers the current one.
 */

interface QueuedImage extends ImageJob {
  /** The file's bytes; reading starts when the job arrives. */
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
/** Resolves when all work in progress has finished. */
let idle: Promise<void> = Promise.resolve();
let working = false;

function send(message: FromWorker): void {
  process.send?.(message, undefined, undefined, () => undefined);
}

function receive(message: ToWorker): void {
  if (message.kind === 'image') {
    if (opened === null || opened.run !== message.run) return;
    const bytes = opened.decoder.readImageFile(message.path);
    // `decodeNext` handles a failure.
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
    send({ kind: 'opened', run });
  } catch (error) {
    send({ kind: 'refused', run, error: toErrorReport(error) });
  }
}

/** Predicts images until the queue is empty. */
async function work(current: OpenedRun): Promise<void> {
  working = true;
  for (let image = takeNext(current); image !== null; image = takeNext(current)) {
    const { job } = image;
    try {
      send({ kind: 'result', run: current.run, job, result: await predict(current, image) });
    } catch (error) {
      send({ kind: 'refused', run: current.run, error: toErrorReport(error) });
    }
  }
  working = false;
}

/** The image that is already being decoded, otherwise the next one in the queue. */
function takeNext(current: OpenedRun): DecodingImage | null {
  const image = ahead ?? decodeNext(current);
  ahead = null;
  return image;
}

function decodeNext({ run, decoder: images }: OpenedRun): DecodingImage | null {
  const next = queue.shift();
  if (next === undefined) return null;
  const { job, imageId, path, bytes } = next;
  send({ kind: 'stage', run, job, stage: 'decoding' });
  const pixels = bytes.then((read) => images.decodeRgbBytes(read, path));
  pixels.then(
    () => send({ kind: 'stage', run, job, stage: 'decoded' }),
    () => undefined,
  );
  return { job, imageId, path, pixels };
}

/** @throws InferenceError `model-broken` if the model's output does not match `model.json`. */
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
  send({ kind: 'stage', run, job, stage: 'inferring' });
  ahead = decodeNext(current);
  try {
    const letterbox = detector.prepare(pixels, options);
    // Yield twice: in the first turn the header of the next image is read, so that its pixels are being decoded
    // when the model blocks this thread.
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
// Ctrl-C in a terminal reaches the whole process group; the parent decides when its workers exit.
process.on('SIGINT', () => undefined);
// The parent has exited. An orderly exit would wait for blocked file reads, and this process has no state to save.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
// A model that never returns blocks this thread, which then receives no `disconnect`.
watchParent(process.ppid);
