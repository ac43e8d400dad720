import { withBoxes } from '../../core/dataset/labelEdits.ts';
import { contentProblem } from '../../core/dataset/labelFile.ts';
import { labelProblem } from '../../core/dataset/labelProblems.ts';
import { encodeLabelText } from '../../core/dataset/labelText.ts';
import type { ImageState, LabelBox } from '../../core/dataset/types.ts';
import { toLabelBox } from '../../core/detection/labelBoxes.ts';
import { surerPredictions } from '../../core/detection/sameObject.ts';
import { thresholdOf, type ShownThresholds } from '../../core/detection/shownThresholds.ts';
import type { Detection } from '../../core/detection/types.ts';
import type { Verdict } from '../../core/session/types.ts';
import type { LabelContent } from '../ports/labelSource.ts';
import type { Ports } from '../ports/ports.ts';
import type { ImageRow } from '../ports/store/images.ts';
import type { SampleRow } from '../ports/store/samples.ts';
import { WorkflowError, requireRow } from '../shared/errors.ts';

/** What a person decided about one sample. */
export type Decision =
  | {
      readonly verdict: 'accepted';
      /** Indexes of predicted boxes that are saved although they are below the threshold or not the surest of an object. */
      readonly promoted?: readonly number[];
      /** Indexes of exactly the boxes that are saved, as a person saw them, whatever the thresholds are. */
      readonly kept?: readonly number[];
      /** With no box shown, accepting means "background": asked once. */
      readonly confirmBackground?: boolean;
    }
  | { readonly verdict: 'corrected'; readonly boxes: readonly LabelBox[] }
  | { readonly verdict: Exclude<Verdict, 'accepted' | 'corrected'> };

/**
 * The predicted boxes that an accept writes: the surest one of each object if its confidence reaches the threshold of its
 * class, and those that the person added.
 */
export function shownDetections(
  sample: Pick<SampleRow, 'predictedBoxes'>,
  thresholds: ShownThresholds,
  promoted: readonly number[] = [],
): Detection[] {
  return keptDetections(sample, [...shownIndexes(sample, thresholds), ...promoted]);
}

/** The indexes of the predicted boxes that a person sees before any edit. */
export function shownIndexes(sample: Pick<SampleRow, 'predictedBoxes'>, thresholds: ShownThresholds): number[] {
  const surer = surerPredictions(sample.predictedBoxes);
  return sample.predictedBoxes.flatMap(({ classId, confidence }, index) =>
    confidence >= thresholdOf(thresholds, classId) && surer[index] === null ? [index] : [],
  );
}

/** The predicted boxes that a person kept. */
export function keptDetections(sample: Pick<SampleRow, 'predictedBoxes'>, kept: readonly number[]): Detection[] {
  const indexes = new Set(kept);
  return sample.predictedBoxes.filter((_, index) => indexes.has(index));
}

/** The thresholds of a batch. @throws WorkflowError `not-found`. */
async function thresholdsOf(ports: Pick<Ports, 'store'>, iterationId: number): Promise<ShownThresholds> {
  return requireRow(await ports.store.iterations.get(iterationId), 'iteration', iterationId).shownThresholds;
}

/** The label file and the image state that a decision leads to. */
export interface VerdictOutcome {
  readonly bytes: Uint8Array | null;
  readonly state: ImageState;
}

/** @throws WorkflowError `no-boxes-shown`, `image-unreadable`, `label-not-text`, `verdict-invalid`. */
export async function verdictOutcome(
  ports: Pick<Ports, 'store'>,
  decision: Decision,
  sample: Pick<SampleRow, 'verdict' | 'predictedBoxes' | 'iterationId'>,
  image: ImageRow,
  before: LabelContent | null,
): Promise<VerdictOutcome> {
  switch (decision.verdict) {
    case 'accepted': {
      const shown =
        decision.kept === undefined
          ? shownDetections(sample, await thresholdsOf(ports, sample.iterationId), decision.promoted)
          : keptDetections(sample, decision.kept);
      if (shown.length === 0 && decision.confirmBackground !== true) {
        throw new WorkflowError(
          'no-boxes-shown',
          'No predicted box is shown, so accepting would label this image as background.',
          'Confirm that nothing is here, or draw the boxes.',
        );
      }
      const { width, height } = requireImageSize(image);
      return labelledOutcome(
        before,
        shown.map(({ box, classId }) => toLabelBox(box, classId, width, height)),
        await classCount(ports, image),
      );
    }
    case 'corrected':
      return labelledOutcome(before, decision.boxes, await classCount(ports, image));
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
 * A verdict keeps the comments and other lines of the label file. A file that is not text cannot be edited safely.
 * @throws WorkflowError `label-not-text`.
 */
function requireText(before: LabelContent | null): void {
  const code = contentProblem(before?.text ?? '');
  if (code === null) return;
  const { message, hint } = labelProblem({ code, line: 1 });
  throw new WorkflowError('label-not-text', `${message} No boxes were written.`, hint);
}

/** The label file of these boxes; rows of an earlier one that are among them, and its comments, stay byte for byte. */
function labelledOutcome(before: LabelContent | null, boxes: readonly LabelBox[], classes: number): VerdictOutcome {
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

async function classCount(ports: Pick<Ports, 'store'>, image: ImageRow): Promise<number> {
  return requireRow(await ports.store.datasets.get(image.datasetId), 'dataset', image.datasetId).classNames.length;
}

/** Width and height in pixels. @throws WorkflowError `image-unreadable` if they are unknown. */
export function requireImageSize(image: ImageRow): { width: number; height: number } {
  const { width, height } = image;
  if (width !== null && height !== null) return { width, height };
  throw new WorkflowError(
    'image-unreadable',
    `The size of ${image.relativePath} is unknown.`,
    'Rescan the dataset; the file may be damaged.',
  );
}
