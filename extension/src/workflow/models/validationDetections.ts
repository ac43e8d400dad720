import type { Ports, RunOptions } from '../ports/ports.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import type { ValidationDetections } from '../ports/store/validationDetections.ts';
import { loadModel } from './modelFiles.ts';
import { scoringWorkers } from './scoringWorkers.ts';

/** COCO protocol (docs/architecture.md, Evaluation): every box from 0.001, at most 300 per image. */
const evaluationOptions = {
  minConfidence: 0.001,
  iouThreshold: 0.7,
  maxDetections: 300,
  classScoresAbove: 0.05,
  embedding: false,
};

/** Rows written or read per call: a few megabytes of boxes. */
const rowsAtOnce = 100;

/** An image to detect on. */
export interface DetectionImage {
  readonly imageId: number;
  /** Null until the image is read; then nothing is kept. */
  readonly contentHash: string | null;
  /** Absolute path. */
  readonly path: string;
}

/**
 * The detections of a version on these images. The model runs only on those that are new or changed since it last did;
 * what it finds is kept with the version.
 * @throws WorkflowError `no-model` if the model must run, but its files are gone; errors of inference.
 */
export async function validationDetections(
  ports: Pick<Ports, 'artifacts' | 'inference' | 'knownFiles' | 'store' | 'system'>,
  session: SessionRow,
  version: ModelVersionRow,
  images: readonly DetectionImage[],
  options: RunOptions,
): Promise<Map<number, ValidationDetections>> {
  const known = await keptImages(ports, session, version, images);
  const missing = images.filter(({ imageId }) => !known.has(imageId));
  const found = new Map<number, ValidationDetections>();
  for await (const row of detect(ports, session, version, missing, options)) found.set(row.imageId, row);
  for (const ids of chunks([...known])) {
    for (const row of await ports.store.validationDetections.list(version.id, ids)) found.set(row.imageId, row);
  }
  return found;
}

/** The images whose kept detections are up to date. */
export async function keptImages(
  ports: Pick<Ports, 'store' | 'system'>,
  session: SessionRow,
  version: ModelVersionRow,
  images: readonly DetectionImage[],
): Promise<Set<number>> {
  const inferenceKey = keyOf(ports, session);
  const keys = new Map((await ports.store.validationDetections.keys(version.id)).map((key) => [key.imageId, key]));
  const isKept = ({ imageId, contentHash }: DetectionImage): boolean => {
    const key = keys.get(imageId);
    return key !== undefined && key.contentHash === contentHash && key.inferenceKey === inferenceKey;
  };
  return new Set(images.filter(isKept).map(({ imageId }) => imageId));
}

async function* detect(
  ports: Pick<Ports, 'artifacts' | 'inference' | 'knownFiles' | 'store' | 'system'>,
  session: SessionRow,
  version: ModelVersionRow,
  images: readonly DetectionImage[],
  options: RunOptions,
): AsyncGenerator<ValidationDetections> {
  if (images.length === 0) return;
  const model = await loadModel(ports, version);
  const hashes = new Map(images.map(({ imageId, contentHash }) => [imageId, contentHash]));
  const wanted = images.map(({ imageId, path }) => ({ imageId, absolutePath: path }));
  const { imageSize } = session;
  const inferenceOptions = { ...evaluationOptions, imageSize, workers: scoringWorkers(ports, model, imageSize) };
  const inferenceKey = keyOf(ports, session);
  let rows: ValidationDetections[] = [];
  for await (const result of ports.inference.predict(model, wanted, inferenceOptions, options.signal)) {
    const { imageId } = result;
    const contentHash = hashes.get(imageId) ?? null;
    const row: ValidationDetections = {
      imageId,
      contentHash: contentHash ?? '',
      inferenceKey,
      detections: result.ok ? result.detections : [],
      error: result.ok ? null : result.message,
    };
    yield row;
    // A crash of a worker says nothing about the image: the next evaluation tries again.
    if (contentHash === null || (!result.ok && result.code !== 'unreadable-image')) continue;
    rows.push(row);
    if (rows.length < rowsAtOnce) continue;
    await ports.store.validationDetections.put(version.id, rows);
    rows = [];
  }
  if (rows.length > 0) await ports.store.validationDetections.put(version.id, rows);
}

/** Identifies how the model is run. The files of a version never change. */
function keyOf(ports: Pick<Ports, 'system'>, { imageSize }: SessionRow): number {
  return Number.parseInt(ports.system.digest(JSON.stringify([evaluationOptions, imageSize])).slice(0, 12), 16) || 1;
}

function* chunks(ids: readonly number[]): Generator<readonly number[]> {
  for (let at = 0; at < ids.length; at += rowsAtOnce) yield ids.slice(at, at + rowsAtOnce);
}
