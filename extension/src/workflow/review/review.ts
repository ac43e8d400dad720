import type { ImageState, LabelBox } from '../../core/dataset/types.ts';
import { withBoxes } from '../../core/dataset/labelEdits.ts';
import { contentProblem } from '../../core/dataset/labelFile.ts';
import { labelProblem } from '../../core/dataset/labelProblems.ts';
import { encodeLabelText, sameBytes } from '../../core/dataset/labelText.ts';
import { toLabelBox } from '../../core/detection/labelBoxes.ts';
import type { Detection } from '../../core/detection/types.ts';
import type { Verdict } from '../../core/session/types.ts';
import { besideOthers, VerdictChangedError } from './verdictConflict.ts';
import type { Ports } from '../ports/ports.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';
import { ImageLocator } from '../dataset/images.ts';
import { changeLabel, inTurn, settle, settleFailures } from '../dataset/labelJournal.ts';
import type { LabelContent } from '../ports/labelSource.ts';
import type { ImageRow } from '../ports/store/images.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import type { LabelEventRow } from '../ports/store/labelEvents.ts';
import type { SampleRow } from '../ports/store/samples.ts';

/** Predictions from here on are shown in the review, and written by an accept (docs/architecture.md, Review). */
export const shownConfidence = 0.25;

/** What a person decided about one sample. */
export type Decision =
  | {
      readonly verdict: 'accepted';
      /** Indexes into the sample's predicted boxes that were shown although below the threshold. */
      readonly promoted?: readonly number[];
      /** With no box shown, accepting means "background": asked once. */
      readonly confirmBackground?: boolean;
    }
  | { readonly verdict: 'corrected'; readonly boxes: readonly LabelBox[] }
  | { readonly verdict: Exclude<Verdict, 'accepted' | 'corrected'> };

export interface VerdictOptions {
  readonly reviewSeconds?: number;
  /** Write although the label file was changed outside since it was last seen. */
  readonly overwriteOutsideEdit?: boolean;
}

/**
 * Writes a verdict: journal first, then the label file atomically, then the database. When this returns, the
 * verdict is on disk; when the process dies in between, `recover` finishes it.
 * @throws WorkflowError `no-boxes-shown`, `edited-outside`, `verdict-invalid`, `image-unreadable`, `image-missing`,
 * `label-not-text`; VerdictChangedError; StoreError `image-busy` when another window does not get done with the image.
 * What `changeLabel` throws: the verdict may then be given again, or another one, and the last that was confirmed stays.
 */
export async function submitVerdict(
  ports: Ports,
  sampleId: number,
  decision: Decision,
  options: VerdictOptions = {},
): Promise<SampleRow> {
  const read = async (): Promise<SampleRow> => requireRow(await ports.store.samples.get(sampleId), 'sample', sampleId);
  const seen = await read();
  await settleFailures(ports, seen.imageId);
  return inTurn(ports, seen.imageId, async () => {
    const now = await read();
    if (now.verdict !== seen.verdict) throw new VerdictChangedError(now);
    await settle(ports, seen.imageId, 'give-up');
    const sample = await read();
    await requireReviewable(ports, sample);
    const key = `${ports.system.owner.nonce}/${sampleId}`;
    try {
      await besideOthers(ports, sample, () => write(ports, sample, decision, options, failed.has(key)));
    } catch (error) {
      failed.add(key);
      throw error;
    }
    failed.delete(key);
    return read();
  });
}

/** Samples whose last verdict of this process failed, though perhaps half-way: it may be given again. */
const failed = new Set<string>();

async function write(
  ports: Ports,
  sample: SampleRow,
  decision: Decision,
  options: VerdictOptions,
  again: boolean,
): Promise<void> {
  const image = requireRow(await ports.store.images.get(sample.imageId), 'image', sample.imageId);
  const locator = await ImageLocator.of(ports, image.datasetId);
  const label = await ports.labels.read(locator.locate(image));
  if ((label?.hash ?? null) !== image.labelHash && options.overwriteOutsideEdit !== true) {
    throw editedOutside(ports.labels.locate(locator.locate(image)));
  }
  const before = label?.bytes ?? null;
  const outcome = await outcomeOf(ports, decision, sample, image, label);
  if (outcome.state === 'labelled' && decision.verdict !== 'skipped') await requireImage(ports, locator, image);
  // What failed half-way stands, if perhaps not flushed: a second entry would be what an undo takes back.
  const stands = sample.verdict === decision.verdict && image.state === outcome.state;
  if (again && stands && sameBytes(before, outcome.bytes)) {
    await ports.labels.write(locator.locate(image), before, label?.hash ?? null);
    return;
  }
  await changeLabel(
    ports,
    locator.locate(image),
    {
      imageId: image.id,
      sampleId: sample.id,
      cause: 'verdict',
      before,
      after: outcome.bytes,
      verdictBefore: sample.verdict,
      verdictAfter: decision.verdict,
      stateBefore: image.state,
      stateAfter: outcome.state,
      owner: ports.system.owner,
      undoes: null,
    },
    label?.hash ?? null,
    options.reviewSeconds,
  );
}

/**
 * Takes back the newest verdict of an iteration, again and again if wanted.
 * @throws WorkflowError `nothing-to-undo`; `edited-outside` when the file changed since, unless `overwriteOutsideEdit`.
 */
export async function undoVerdict(
  ports: Ports,
  iterationId: number,
  options: Pick<VerdictOptions, 'overwriteOutsideEdit'> = {},
): Promise<SampleRow> {
  const settled = await settleFailures(ports);
  for (const { event, end } of settled) {
    if (event.cause !== 'undo' || end !== 'completed' || event.sampleId === null) continue;
    // An undo had failed half-way, and is done now: going on would take back one verdict more.
    const sample = await ports.store.samples.get(event.sampleId);
    if (sample?.iterationId === iterationId) return sample;
  }
  const event = await ports.store.labelEvents.lastUndoable(iterationId);
  if (!event || event.sampleId === null) {
    throw new WorkflowError(
      'nothing-to-undo',
      'There is no verdict to undo.',
      'Undo works on the verdicts of this iteration.',
    );
  }
  const { sampleId } = event;
  await inTurn(ports, event.imageId, async () => {
    await settle(ports, event.imageId, 'give-up');
    await takeBack(ports, event, options.overwriteOutsideEdit === true);
  });
  return requireRow(await ports.store.samples.get(sampleId), 'sample', sampleId);
}

async function takeBack(ports: Ports, event: LabelEventRow, overwriteOutsideEdit: boolean): Promise<void> {
  const image = requireRow(await ports.store.images.get(event.imageId), 'image', event.imageId);
  const location = (await ImageLocator.of(ports, image.datasetId)).locate(image);
  const label = await ports.labels.read(location);
  if (!sameBytes(label?.bytes ?? null, event.after) && !overwriteOutsideEdit) {
    throw editedOutside(ports.labels.locate(location));
  }
  await changeLabel(
    ports,
    location,
    {
      imageId: event.imageId,
      sampleId: event.sampleId,
      cause: 'undo',
      before: label?.bytes ?? null,
      after: event.before,
      verdictBefore: event.verdictAfter,
      verdictAfter: event.verdictBefore,
      stateBefore: event.stateAfter,
      stateAfter: event.stateBefore,
      owner: ports.system.owner,
      undoes: event.id,
    },
    label?.hash ?? null,
  );
}

/**
 * Ends the review of an iteration; samples without a verdict go back to the pool.
 * @throws WorkflowError `wrong-step`.
 */
export async function finishReview(ports: Ports, iterationId: number): Promise<IterationRow> {
  await settleFailures(ports);
  const iteration = requireRow(await ports.store.iterations.get(iterationId), 'iteration', iterationId);
  if (iteration.status !== 'reviewing') {
    throw new WorkflowError(
      'wrong-step',
      `Iteration ${iteration.iterationNumber} is ${iteration.status}, not under review.`,
      'Refresh, and try again.',
    );
  }
  return ports.store.iterations.update(iterationId, { status: 'completed', completedAt: ports.system.clock.now() });
}

/** The predicted boxes that an accept writes. */
export function shownDetections(
  sample: Pick<SampleRow, 'predictedBoxes'>,
  promoted: readonly number[] = [],
): Detection[] {
  const extra = new Set(promoted);
  return sample.predictedBoxes.filter(
    (detection, index) => detection.confidence >= shownConfidence || extra.has(index),
  );
}

async function requireReviewable(ports: Ports, sample: SampleRow): Promise<void> {
  const iteration = requireRow(await ports.store.iterations.get(sample.iterationId), 'iteration', sample.iterationId);
  if (iteration.status === 'reviewing') return;
  throw new WorkflowError(
    'wrong-step',
    `Iteration ${iteration.iterationNumber} is ${iteration.status}; its samples can no longer be judged.`,
    'Open the newest iteration, or edit the label file itself.',
  );
}

interface Outcome {
  readonly bytes: Uint8Array | null;
  readonly state: ImageState;
}

async function outcomeOf(
  ports: Ports,
  decision: Decision,
  sample: SampleRow,
  image: ImageRow,
  before: LabelContent | null,
): Promise<Outcome> {
  switch (decision.verdict) {
    case 'accepted': {
      const shown = shownDetections(sample, decision.promoted);
      if (shown.length === 0 && decision.confirmBackground !== true) {
        throw new WorkflowError(
          'no-boxes-shown',
          'No predicted box is shown, so accepting would label this image as background.',
          'Confirm that nothing is here, or draw the boxes.',
        );
      }
      const { width, height } = sizeOf(image);
      return labelled(
        before,
        shown.map(({ box, classId }) => toLabelBox(box, classId, width, height)),
        await classCount(ports, image),
      );
    }
    case 'corrected':
      return labelled(before, decision.boxes, await classCount(ports, image));
    case 'rejected-background':
      return { bytes: encodeLabelText(''), state: 'labelled' };
    case 'rejected-unusable':
      return { bytes: null, state: 'unusable' };
    case 'rejected-later':
      return { bytes: null, state: 'later' };
    case 'skipped':
      // A skip that replaces an earlier verdict takes that verdict's labels with it.
      return sample.verdict === null || sample.verdict === 'skipped'
        ? { bytes: before?.bytes ?? null, state: image.state }
        : { bytes: null, state: 'unlabelled' };
  }
}

/**
 * What stands beside the boxes in a label file is kept; of one that is no text nobody knows what that is.
 * @throws WorkflowError `label-not-text`.
 */
function requireText(before: LabelContent | null): void {
  const code = contentProblem(before?.text ?? '');
  if (code === null) return;
  const { message, hint } = labelProblem({ code, line: 1 });
  throw new WorkflowError('label-not-text', `${message} No boxes were written.`, hint);
}

/** The label file of these boxes; rows of an earlier one that are among them, and its comments, stay byte for byte. */
function labelled(before: LabelContent | null, boxes: readonly LabelBox[], classes: number): Outcome {
  requireText(before);
  for (const box of boxes) {
    const values = [box.cx, box.cy, box.width, box.height];
    const ok =
      Number.isInteger(box.classId) &&
      box.classId >= 0 &&
      box.classId < classes &&
      values.every((value) => value >= 0 && value <= 1);
    if (!ok || box.width === 0 || box.height === 0) {
      throw new WorkflowError(
        'verdict-invalid',
        `A box is not valid: class ${box.classId}, ${values.join(' ')}.`,
        `Classes are 0 to ${classes - 1}; centre and size are fractions of the image, and the size is not zero.`,
      );
    }
  }
  const text = withBoxes(before?.text ?? '', boxes, { classCount: classes });
  return { bytes: encodeLabelText(text), state: 'labelled' };
}

async function classCount(ports: Ports, image: ImageRow): Promise<number> {
  return requireRow(await ports.store.datasets.get(image.datasetId), 'dataset', image.datasetId).classNames.length;
}

function sizeOf(image: ImageRow): { width: number; height: number } {
  const { width, height } = image;
  if (width !== null && height !== null) return { width, height };
  throw new WorkflowError(
    'image-unreadable',
    `The size of ${image.relativePath} is not known.`,
    'Rescan the dataset; the file may be damaged.',
  );
}

/** A label without an image is trained on by nobody, and found by nobody. */
async function requireImage(ports: Ports, locator: ImageLocator, image: ImageRow): Promise<void> {
  if (await ports.artifacts.exists(locator.path(image))) return;
  throw new WorkflowError(
    'image-missing',
    `The image ${image.relativePath} is no longer there, so it gets no label.`,
    'Put it back, or skip it; a rescan notices that it is gone.',
    { where: locator.path(image) },
  );
}

function editedOutside(path: string): WorkflowError {
  return new WorkflowError(
    'edited-outside',
    'The label file was changed by another program since it was last seen.',
    'Rescan to take the change over, or confirm to overwrite it; the history keeps both.',
    { where: path },
  );
}
