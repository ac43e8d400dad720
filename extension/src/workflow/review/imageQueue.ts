import { ImageLocator } from '../dataset/images.ts';
import type { Ports } from '../ports/ports.ts';
import type { DraftKey } from '../ports/store/drafts.ts';
import type { ImageRow } from '../ports/store/images.ts';
import type { SampleRow } from '../ports/store/samples.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import { requireRow } from '../shared/errors.ts';
import { imageVerdicts, redoableEdit, undoableEdit, type ImageList } from './imageVerdicts.ts';
import { withPredictions } from './storedPredictions.ts';
import { readReviewSample, type ReviewQueue, type ReviewSample } from './reviewQueue.ts';

/** Stands for the id of a sample where an image is none: ids of samples are positive. */
export function sampleIdOfImage(imageId: number): number {
  return -imageId;
}

/** The image that such an id stands for; `null` for the id of a sample. */
export function imageOfSampleId(sampleId: number): number | null {
  return sampleId < 0 ? -sampleId : null;
}

/** The draft of a sample, or of an image that is none. */
export function draftKey(sessionId: number, { id, imageId }: Pick<SampleRow, 'id' | 'imageId'>): DraftKey {
  return { sessionId, imageId, sampleId: imageOfSampleId(id) === null ? id : null };
}

/**
 * The queue of a list of images, with the labels of the open one and what the active model predicted on it, if that is
 * stored. Images that are no longer in the dataset are left out.
 * @throws WorkflowError `not-found` if the session is gone.
 */
export async function imageQueue(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  sessionId: number,
  list: ImageList,
  options: { readonly sampleId?: number | undefined } = {},
): Promise<ReviewQueue> {
  const session = requireRow(await ports.store.sessions.get(sessionId), 'session', sessionId);
  const { datasetId } = session;
  const dataset = requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
  const locator = await ImageLocator.of(ports, datasetId);
  const rows = await ports.store.images.find({ datasetId, ids: list.images });
  const images = new Map(rows.map((image) => [image.id, image]));
  const verdicts = await imageVerdicts(ports, list);
  const samples = list.images.flatMap((id, rank) => {
    const image = images.get(id);
    const reasons = list.reasons?.[rank] ?? [];
    const verdict = verdicts.get(id) ?? null;
    return image === undefined ? [] : [{ ...bareSample(image, rank), reasons, verdict, unpredicted: false }];
  });
  const current =
    samples.find(({ id }) => id === options.sampleId) ??
    samples.find(({ verdict }) => verdict === null) ??
    samples.at(-1);
  const predicted = current === undefined ? undefined : await withPredictions(ports, sessionId, current);
  return {
    session,
    dataset,
    list,
    iteration: null,
    newest: null,
    samples,
    current:
      predicted === undefined
        ? null
        : await readReviewSample(ports, locator, session, predicted, dataset.classNames.length),
    undoable: await undoableEdit(ports, list),
    redoable: await redoableEdit(ports, list),
  };
}

/**
 * One sample of a queue, read without the others.
 * @throws WorkflowError `not-found` if it is not in the queue.
 */
export async function queuedSample(
  ports: Pick<Ports, 'labels' | 'store'>,
  queue: Pick<ReviewQueue, 'session' | 'dataset' | 'list' | 'iteration'>,
  sampleId: number,
): Promise<ReviewSample> {
  const { session, dataset, list, iteration } = queue;
  const imageId = imageOfSampleId(sampleId);
  const sample =
    list === null || imageId === null
      ? await ports.store.samples.get(sampleId)
      : await listedSample(ports, session.id, list, imageId);
  const isQueued = sample !== null && (list !== null || sample.iterationId === iteration?.id);
  const locator = await ImageLocator.of(ports, dataset.id);
  return readReviewSample(
    ports,
    locator,
    session,
    requireRow(isQueued ? sample : null, 'sample', sampleId),
    dataset.classNames.length,
  );
}

async function listedSample(
  ports: Pick<Ports, 'store'>,
  sessionId: number,
  list: ImageList,
  imageId: number,
): Promise<SampleRow | null> {
  const rank = list.images.indexOf(imageId);
  const image = rank < 0 ? null : await ports.store.images.get(imageId);
  if (image === null) return null;
  const verdicts = await imageVerdicts(ports, { ...list, images: [imageId] });
  const reasons = list.reasons?.[rank] ?? [];
  const sample = { ...bareSample(image, rank), reasons, verdict: verdicts.get(imageId) ?? null };
  return withPredictions(ports, sessionId, sample);
}

/** The sample of an image in the newest batch, if that is being reviewed; null otherwise. */
export async function openSampleOf(
  ports: Pick<Ports, 'store'>,
  { id }: Pick<SessionRow, 'id'>,
  imageId: number,
): Promise<number | null> {
  const newest = (await ports.store.iterations.list(id)).at(-1);
  if (newest?.status !== 'reviewing') return null;
  const samples = await ports.store.samples.queue(newest.id);
  return samples.find((sample) => sample.imageId === imageId)?.id ?? null;
}

function bareSample({ id }: ImageRow, rank: number): SampleRow {
  return {
    id: sampleIdOfImage(id),
    iterationId: 0,
    imageId: id,
    rank,
    uncertaintyScore: null,
    confidenceVariance: null,
    entropyScore: null,
    combinedScore: null,
    scores: {},
    predictedBoxes: [],
    maxConfidence: null,
    minConfidence: null,
    reasons: [],
    verdict: null,
    reviewSeconds: null,
    reviewedAt: null,
  };
}
