import { builtInScores } from '../../../core/uncertainty/registry.ts';
import { defaultThresholds } from '../../../core/detection/shownThresholds.ts';
import { toPixelBox } from '../../../core/detection/labelBoxes.ts';
import type { SparseScores } from '../../../core/detection/types.ts';
import { surerPredictions } from '../../../core/detection/sameObject.ts';
import type {
  BoxView,
  ClassScoreView,
  DraftView,
  PredictionView,
  ReviewState,
  SampleView,
  ScoreView,
  VerdictLine,
} from '../../../protocol/review.ts';
import type { SampleRow } from '../../../workflow/ports/store/samples.ts';
import type { ReviewQueue, ReviewSample } from '../../../workflow/review/reviewQueue.ts';
import { iterationName } from '../../text/iterationText.ts';
import { setAsideText } from '../../text/imageCountsText.ts';
import type { LabelledCounts } from '../../../workflow/session/status.ts';
import type { Localiser } from '../../text/localiser.ts';
import { toVerdictView } from './verdictView.ts';

/** What the editor adds to a sample. */
export interface SampleViewContext {
  readonly l10n: Localiser;
  /** Nothing was predicted on it as a sample of a batch. */
  readonly unpredicted: boolean;
  /** The URL of a file with the image that a browser can show. */
  readonly imageUrl: string;
  /** The unsaved edits. */
  readonly draft: DraftView | null;
}

/** What the editor adds to the state. */
export interface ReviewViewContext {
  readonly l10n: Localiser;
  readonly current: SampleView | null;
  readonly undo: VerdictLine | null;
  readonly redo: VerdictLine | null;
  /** The samples with unsaved edits. */
  readonly edited: readonly number[];
  /** Why the review is view-only; `null` if verdicts are allowed. */
  readonly lockReason: string | null;
  /** The labels of a dataset whose first batch is reviewed. */
  readonly labelled: LabelledCounts | null;
}

/** The view model of a queue. Boxes are in pixels of the displayed image. */
export function toReviewState(queue: ReviewQueue, view: ReviewViewContext): ReviewState {
  const { session, dataset, list, iteration, samples } = queue;
  const editable = view.lockReason === null && (iteration === null || iteration.status === 'reviewing');
  return {
    sessionId: session.id,
    iterationId: iteration?.id ?? null,
    sessionName: session.name,
    iterationNumber: iteration?.iterationNumber ?? 0,
    listTitle: list?.title ?? null,
    classNames: dataset.classNames,
    drafts: view.edited,
    queue: samples.map(({ id, verdict, reviewSeconds, unpredicted }) => ({
      sampleId: id,
      verdict: toVerdictView(verdict, unpredicted),
      seconds: reviewSeconds,
    })),
    current: view.current,
    undo: editable ? view.undo : null,
    redo: editable ? view.redo : null,
    thresholds: iteration?.shownThresholds ?? defaultThresholds,
    editable,
    notice: notice(queue, view),
  };
}

/** The state of a session without a batch. */
export function emptyReviewState(
  session: { readonly id: number; readonly name: string },
  classNames: readonly string[],
  reason: string,
): ReviewState {
  return {
    sessionId: session.id,
    iterationId: null,
    sessionName: session.name,
    iterationNumber: 0,
    listTitle: null,
    classNames,
    queue: [],
    drafts: [],
    current: null,
    undo: null,
    redo: null,
    thresholds: defaultThresholds,
    editable: false,
    notice: reason,
  };
}

/** @param iterationNumber 0 for samples without scores. */
export function toSampleView(current: ReviewSample, iterationNumber: number, view: SampleViewContext): SampleView {
  const { sample, image, labels } = current;
  const width = image.width ?? 0;
  const height = image.height ?? 0;
  const surer = surerPredictions(sample.predictedBoxes);
  return {
    sampleId: sample.id,
    imageUrl: view.imageUrl,
    path: image.relativePath,
    width,
    height,
    predictions: sample.predictedBoxes.map(({ box, classId, confidence, classScores }, index): PredictionView => ({
      x1: box.x1,
      y1: box.y1,
      x2: box.x2,
      y2: box.y2,
      classId,
      confidence,
      index,
      ...(classScores === undefined ? {} : { classScores: highestScores(classScores) }),
      ...(typeof surer[index] === 'number' ? { surer: surer[index] } : {}),
    })),
    labels:
      labels === null
        ? null
        : labels.map((label): BoxView => ({ ...toPixelBox(label, width, height), classId: label.classId })),
    verdict: toVerdictView(sample.verdict, view.unpredicted),
    scores: iterationNumber === 0 ? [] : scoresOf(sample, view.l10n),
    minConfidence: sample.minConfidence,
    maxConfidence: sample.maxConfidence,
    reasons: sample.reasons,
    blind: sample.blind === true && sample.verdict === null,
    draft: view.draft,
  };
}

const mostClassScores = 5;

function highestScores({ classIds, scores }: SparseScores): ClassScoreView[] {
  return classIds
    .map((classId, place) => ({ classId, score: scores[place] ?? 0 }))
    .toSorted((a, b) => b.score - a.score)
    .slice(0, mostClassScores);
}

/** All built-in scores in their order, including those without a value, then the scores of plug-ins. */
function scoresOf({ scores, withheldScores = {} }: SampleRow, l10n: Localiser): ScoreView[] {
  const valueOf = (id: string): Pick<ScoreView, 'value' | 'reason'> => ({
    value: scores[id] ?? null,
    reason: scores[id] === undefined ? (withheldScores[id] ?? null) : null,
  });
  const known = builtInScores.map(({ id, title, description }): ScoreView => ({
    id,
    title: l10n.t(title),
    description: l10n.t(description),
    ...valueOf(id),
  }));
  const ids = new Set([...Object.keys(scores), ...Object.keys(withheldScores)]);
  const own = [...ids].filter((id) => !known.some((score) => score.id === id));
  return [...known, ...own.map((id): ScoreView => ({ id, title: id, description: '', ...valueOf(id) }))];
}

function notice(queue: ReviewQueue, { l10n, lockReason, labelled }: ReviewViewContext): string | null {
  const { iteration, newest, samples, current } = queue;
  if (lockReason !== null) return lockReason;
  if (iteration !== null && iteration.status !== 'reviewing') {
    const name = iterationName(l10n, iteration.iterationNumber);
    if (newest === null || newest.id === iteration.id) {
      return l10n.t('The review of {0} is finished. Train the next iteration to continue.', name);
    }
    return newest.status === 'reviewing'
      ? l10n.t('The review of {0} is finished. Iteration {1} is ready for review.', name, newest.iterationNumber)
      : l10n.t('The review of {0} is finished. Iteration {1} followed it.', name, newest.iterationNumber);
  }
  if (samples.every((sample) => sample.verdict !== null)) {
    if (iteration === null) return l10n.t('All {0} images are reviewed.', samples.length);
    const reviewed = l10n.t('All {0} samples are reviewed. Train the next iteration with them.', samples.length);
    const setAside = labelled === null ? null : setAsideText(l10n, labelled);
    return setAside === null ? reviewed : `${reviewed} ${setAside}`;
  }
  const problem = current === null ? null : current.image.problem;
  const missing = current !== null && current.image.state === 'missing';
  if (missing) return l10n.t('This image no longer exists. Skip it, or mark it as unusable.');
  return problem === null ? null : l10n.t('This image cannot be read: {0}', problem);
}
