import { boxesOf, parseLabelFile } from '../../core/dataset/labelFile.ts';
import type { LabelBox } from '../../core/dataset/types.ts';
import type { Ports } from '../ports/ports.ts';
import { requireRow } from '../shared/errors.ts';
import { ImageLocator } from '../dataset/images.ts';
import { recordOutsideEdit } from '../dataset/labelJournal.ts';
import type { DatasetRow } from '../ports/store/datasets.ts';
import type { ImageRow } from '../ports/store/images.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import type { LabelEventRow } from '../ports/store/labelEvents.ts';
import type { QueuedSample, SampleRow } from '../ports/store/samples.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import type { ImageList } from './imageVerdicts.ts';
import { unlessOfOtherWindow } from './reversals.ts';
import { readLabel } from '../dataset/readLabel.ts';
import { withPredictions } from './storedPredictions.ts';

/** A sample with its image on disk. */
export interface ReviewSample {
  readonly sample: SampleRow;
  readonly image: ImageRow;
  /** Absolute path of the image. */
  readonly path: string;
  /** The boxes that the label file holds now, a polygon as its bounding box; `null` = no label file. */
  readonly labels: readonly LabelBox[] | null;
}

/** The batch of an iteration, or a list of images, and the sample that is looked at. */
export interface ReviewQueue {
  readonly session: SessionRow;
  readonly dataset: DatasetRow;
  /** The list of images that is looked through; `null` for a batch. */
  readonly list: ImageList | null;
  /** `null` for a list of images. */
  readonly iteration: IterationRow | null;
  /** The newest iteration of the session; it may be another one. `null` for a list of images. */
  readonly newest: IterationRow | null;
  /** In the order of the queue. Images of a list have ids of `sampleIdOfImage`. */
  readonly samples: readonly QueuedSample[];
  /** `null` when the batch is empty. */
  readonly current: ReviewSample | null;
  /** The verdict that an undo would take back. */
  readonly undoable: LabelEventRow | null;
  /** The undo that a redo would reverse. */
  readonly redoable: LabelEventRow | null;
}

export interface ReviewQueueOptions {
  /** The iteration to look at; without it the newest one that has a batch. */
  readonly iterationId?: number | undefined;
  /** The sample to look at; without it the first one without a verdict, and at the end the last. */
  readonly sampleId?: number | undefined;
}

/**
 * Reads everything that a review shows.
 * @returns `null` when no iteration of the session has a batch yet.
 * @throws WorkflowError `not-found` when the session, or an iteration asked for, is gone.
 */
export async function reviewQueue(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  sessionId: number,
  options: ReviewQueueOptions = {},
): Promise<ReviewQueue | null> {
  const session = requireRow(await ports.store.sessions.get(sessionId), 'session', sessionId);
  const iterations = await ports.store.iterations.list(sessionId);
  const batch = await chooseBatch(ports, iterations, options.iterationId);
  if (batch === null) return null;
  const { iteration, samples } = batch;
  const dataset = requireRow(await ports.store.datasets.get(session.datasetId), 'dataset', session.datasetId);
  const locator = await ImageLocator.of(ports, session.datasetId);
  const current =
    samples.find((sample) => sample.id === options.sampleId) ??
    samples.find((sample) => sample.verdict === null) ??
    samples.at(-1);
  return {
    session,
    dataset,
    list: null,
    iteration,
    newest: iterations.at(-1) ?? iteration,
    samples,
    current:
      current === undefined
        ? null
        : await readReviewSample(
            ports,
            locator,
            session,
            requireRow(await ports.store.samples.get(current.id), 'sample', current.id),
            dataset.classNames.length,
          ),
    undoable: await undoableVerdict(ports, iteration.id),
    redoable: await redoableUndo(ports, iteration.id),
  };
}

/** The sample without a verdict that comes after `sampleId` in the queue, going round at its end; `null` when none is left. */
export function nextOpen(samples: readonly QueuedSample[], sampleId: number): QueuedSample | null {
  return (
    openSamplesAfter(
      samples,
      samples.find((sample) => sample.id === sampleId),
    )[0] ?? null
  );
}

/**
 * The newest verdict of an iteration, if an undo here may take it back: one that a person gave in another window
 * that is still open is that window's to undo.
 */
export async function undoableVerdict(
  ports: Pick<Ports, 'store' | 'system'>,
  iterationId: number,
): Promise<LabelEventRow | null> {
  return unlessOfOtherWindow(ports, await ports.store.labelEvents.lastUndoable(iterationId));
}

/** The undo that a redo would reverse, with the same limit. */
export async function redoableUndo(
  ports: Pick<Ports, 'store' | 'system'>,
  iterationId: number,
): Promise<LabelEventRow | null> {
  return unlessOfOtherWindow(ports, await ports.store.labelEvents.lastRedoable(iterationId));
}

/**
 * Takes over what another program wrote into the label file of a sample: the file wins and enters the history. The
 * sample keeps its verdict, or stays without one.
 * @returns whether the file differed from what was last seen.
 */
export async function takeOverOutsideEdit(
  ports: Pick<Ports, 'labels' | 'store' | 'system'>,
  sample: Pick<SampleRow, 'imageId'>,
): Promise<boolean> {
  return recordOutsideEdit(ports, sample.imageId, ({ state }, hasLabel) =>
    hasLabel ? 'labelled' : state === 'labelled' ? 'unlabelled' : state,
  );
}

async function chooseBatch(
  ports: Pick<Ports, 'store'>,
  iterations: readonly IterationRow[],
  iterationId: number | undefined,
): Promise<{ iteration: IterationRow; samples: readonly QueuedSample[] } | null> {
  if (iterationId !== undefined) {
    const iteration = requireRow(iterations.find(({ id }) => id === iterationId) ?? null, 'iteration', iterationId);
    return { iteration, samples: await ports.store.samples.queue(iteration.id) };
  }
  for (const iteration of iterations.toReversed()) {
    // While a batch is still being chosen it may be replaced.
    if (iteration.status !== 'reviewing' && iteration.status !== 'completed') continue;
    const samples = await ports.store.samples.queue(iteration.id);
    if (samples.length > 0) return { iteration, samples };
  }
  return null;
}

function openSamplesAfter(
  samples: readonly QueuedSample[],
  current: QueuedSample | undefined,
): readonly QueuedSample[] {
  const place = current === undefined ? -1 : samples.indexOf(current);
  return [...samples.slice(place + 1), ...samples.slice(0, Math.max(place, 0))].filter(
    (sample) => sample.verdict === null,
  );
}

/**
 * Reads the image of a sample and its labels. What the model predicts on a blind sample is read after its verdict, to
 * compare.
 */
export async function readReviewSample(
  ports: Pick<Ports, 'labels' | 'store'>,
  locator: ImageLocator,
  session: Pick<SessionRow, 'id'>,
  stored: SampleRow,
  classCount: number,
): Promise<ReviewSample> {
  const isRevealed = stored.blind === true && stored.verdict !== null;
  const sample = isRevealed ? await withPredictions(ports, session.id, stored) : stored;
  const image = requireRow(await ports.store.images.get(sample.imageId), 'image', sample.imageId);
  // A verdict on a label that cannot be read is refused with the reason; the picture is shown all the same.
  const { label } = await readLabel(ports.labels, locator.locate(image));
  // Read as `submitVerdict` reads it, so that boxes which are left alone are recognised as rows of the file.
  const labels = label === null ? null : boxesOf(parseLabelFile(label.text, { classCount }));
  return { sample, image, path: locator.path(image), labels };
}
