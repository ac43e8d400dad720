import { builtInMetrics } from '../../../core/uncertainty/registry.ts';
import { toPixelBox } from '../../../core/detection/labelBoxes.ts';
import type { BoxView, ReviewState, SampleView, ScoreView } from '../../../protocol/review.ts';
import type { SampleRow } from '../../../workflow/ports/store/samples.ts';
import type { ReviewQueue, ReviewSample } from '../../../workflow/review/reviewQueue.ts';
import { shownConfidence } from '../../../workflow/review/review.ts';
import type { Localiser } from '../../text/localiser.ts';

/** What only the editor knows. */
export interface ReviewSurroundings {
  readonly l10n: Localiser;
  /** A URL that the page may load, of an image on disk. */
  imageUrl(path: string): string;
  /** Where a picture of the current image lies that a browser can show. */
  readonly picture: string | null;
  /** The same for the images to come. */
  readonly upcoming: readonly string[];
  /** Why nothing may be changed at all; `null` where it may. */
  readonly locked: string | null;
}

/** The view model of a queue. Boxes are in pixels of the image as it is shown. */
export function toReviewState(queue: ReviewQueue, around: ReviewSurroundings): ReviewState {
  const { session, dataset, iteration, samples, current } = queue;
  const editable = around.locked === null && iteration.status === 'reviewing';
  return {
    sessionId: session.id,
    iterationId: iteration.id,
    sessionName: session.name,
    iterationNumber: iteration.iterationNumber,
    classNames: dataset.classNames,
    queue: samples.map(({ id, verdict }) => ({ sampleId: id, verdict })),
    current: current === null ? null : toSampleView(current, iteration.iterationNumber, around),
    upcomingImageUrls: around.upcoming.map((path) => around.imageUrl(path)),
    canUndo: editable && queue.undoable !== null,
    shownConfidence,
    editable,
    notice: notice(queue, around),
  };
}

/** The state of a session that has no batch to show yet. */
export function emptyReviewState(
  session: { readonly id: number; readonly name: string },
  classNames: readonly string[],
  reason: string,
): ReviewState {
  return {
    sessionId: session.id,
    iterationId: 0,
    sessionName: session.name,
    iterationNumber: 0,
    classNames,
    queue: [],
    current: null,
    upcomingImageUrls: [],
    canUndo: false,
    shownConfidence,
    editable: false,
    notice: reason,
  };
}

function toSampleView(current: ReviewSample, iterationNumber: number, around: ReviewSurroundings): SampleView {
  const { sample, image, labels, path } = current;
  const width = image.width ?? 0;
  const height = image.height ?? 0;
  return {
    sampleId: sample.id,
    imageUrl: around.imageUrl(around.picture ?? path),
    path: image.relativePath,
    width,
    height,
    predictions: sample.predictedBoxes.map(({ box, classId, confidence }, index) => ({
      x1: box.x1,
      y1: box.y1,
      x2: box.x2,
      y2: box.y2,
      classId,
      confidence,
      index,
    })),
    labels:
      labels === null
        ? null
        : labels.map((label): BoxView => ({ ...toPixelBox(label, width, height), classId: label.classId })),
    verdict: sample.verdict,
    scores: iterationNumber === 0 ? [] : scoresOf(sample, around.l10n),
    minConfidence: sample.minConfidence,
    maxConfidence: sample.maxConfidence,
    reasons: sample.reasons,
  };
}

/** The built-in scores in their order, also where one has no honest value, then those of a user's own metrics. */
function scoresOf({ scores, withheldScores = {} }: SampleRow, l10n: Localiser): ScoreView[] {
  const valueOf = (id: string): Pick<ScoreView, 'value' | 'reason'> => ({
    value: scores[id] ?? null,
    reason: scores[id] === undefined ? (withheldScores[id] ?? null) : null,
  });
  const known = builtInMetrics.map(({ id, title, description }): ScoreView => ({
    id,
    title: l10n.t(title),
    description: l10n.t(description),
    ...valueOf(id),
  }));
  const ids = new Set([...Object.keys(scores), ...Object.keys(withheldScores)]);
  const own = [...ids].filter((id) => !known.some((score) => score.id === id));
  return [...known, ...own.map((id): ScoreView => ({ id, title: id, description: '', ...valueOf(id) }))];
}

function notice(queue: ReviewQueue, { l10n, locked }: ReviewSurroundings): string | null {
  const { iteration, newest, samples, current } = queue;
  if (locked !== null) return locked;
  const number = iteration.iterationNumber;
  if (iteration.status !== 'reviewing') {
    if (newest.id === iteration.id) {
      return l10n.t('The review of iteration {0} is over. Train the next iteration to go on.', number);
    }
    return newest.status === 'reviewing'
      ? l10n.t('Iteration {0} is over; iteration {1} waits for review.', number, newest.iterationNumber)
      : l10n.t('Iteration {0} is over; iteration {1} came after it.', number, newest.iterationNumber);
  }
  if (samples.every((sample) => sample.verdict !== null)) {
    return l10n.t('All {0} samples are reviewed. Train the next iteration with them.', samples.length);
  }
  const problem = current === null ? null : current.image.problem;
  const gone = current !== null && current.image.state === 'missing';
  if (gone) return l10n.t('This image is no longer there. Skip it, or mark it as unusable.');
  return problem === null ? null : l10n.t('This image cannot be read: {0}', problem);
}
