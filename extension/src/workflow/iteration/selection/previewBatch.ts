import type { CandidateTable } from '../../../core/selection/candidates.ts';
import { strategyById } from '../../../core/selection/registry.ts';
import type { ChosenImage } from '../../../core/selection/strategy.ts';
import { resumePoint } from '../../../core/session/stateMachine.ts';
import type { BatchChange } from '../../../core/session/types.ts';
import type { Ports, RunOptions } from '../../ports/ports.ts';
import { WorkflowError, requireRow } from '../../shared/errors.ts';
import { ImageLocator } from '../../dataset/images.ts';
import { compareImages } from './compareImages.ts';
import { rescorePool } from '../scoring/rescorePool.ts';
import { selectionFacts, selectionInput, type SelectionFacts } from './selectionInput.ts';
import type { IterationRow } from '../../ports/store/iterations.ts';
import type { SampleRow } from '../../ports/store/samples.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import { checkUncertaintyScore } from '../../session/uncertaintyScore.ts';
import { changedSession, currentIteration } from '../../session/sessions.ts';

/** An image of a batch. */
export interface PreviewImage {
  readonly imageId: number;
  /** Absolute path. */
  readonly path: string;
  /** Position in the review queue, from 0. */
  readonly rank: number;
  /** Why it was selected. */
  readonly reasons: readonly string[];
}

/** The expected effect of a batch on one class. */
export interface ClassBalance {
  readonly name: string;
  /** Labelled boxes so far. */
  readonly labelled: number;
  /** Boxes that the model expects in each batch: the sum of their scores. */
  readonly before: number;
  readonly after: number;
}

export interface BatchPreview {
  readonly iteration: IterationRow;
  /** The current batch without the images that already have a verdict. */
  readonly before: readonly PreviewImage[];
  /** The batch after the change, in queue order. */
  readonly after: readonly PreviewImage[];
  /** Images of `after` that are not in `before`. */
  readonly entering: readonly PreviewImage[];
  /** Images of `before` that are not in `after`. */
  readonly leaving: readonly PreviewImage[];
  /** By class id. All zero before the first model. */
  readonly classes: readonly ClassBalance[];
  /** Whether the change can still replace the batch: no image of it has a verdict. */
  readonly applicable: boolean;
  readonly notes: readonly string[];
}

/**
 * Shows which images a change of strategy, weights or seed would add to the batch and remove from it, and the effect on
 * classes. Stores neither the batch nor the settings. Outdated scores, such as those of an edited plug-in, are first
 * computed again from the stored boxes, as `applyBatchChange` does, so that both give the same batch. Images with a
 * verdict keep their places; the preview is for the rest.
 * @throws WorkflowError `not-found`, `not-now` if no batch is being selected or reviewed; SettingsError for an invalid
 * value;
 * SelectionError `unknown-strategy`; UncertaintyError `unknown-metric`.
 */
export async function previewBatch(
  ports: Ports,
  sessionId: number,
  change: BatchChange,
  options: RunOptions = {},
): Promise<BatchPreview> {
  const session = requireRow(await ports.store.sessions.get(sessionId), 'session', sessionId);
  const iteration = await iterationWithBatch(ports, session);
  const changed = changedSession(session, change);
  strategyById(changed.strategy);
  if (change.rankingMetric !== undefined) await checkUncertaintyScore(ports, changed);
  const version = await ports.store.models.byIteration(iteration.id);
  // With the stored settings: `combined` follows from its parts for any weights.
  const faults = version === null ? [] : (await rescorePool(ports, session, version, options)).faults;
  const facts = await selectionFacts(ports, session, iteration, version, options);
  const samples = await ports.store.samples.list(iteration.id);
  const reviewed = samples.filter(({ verdict }) => verdict !== null).length;

  const waiting = samples.filter(({ verdict }) => verdict === null);
  const before =
    samples.length > 0
      ? waiting.map(toChosenImage)
      : (await selectImages(ports, session, iteration, facts, 0, options)).chosen;
  const after = await selectImages(ports, changed, iteration, facts, reviewed, options);
  const [shownBefore, shownAfter] = await toPreviewImages(ports, session, [before, after.chosen]);
  return {
    iteration,
    before: shownBefore,
    after: shownAfter,
    entering: imagesNotIn(shownAfter, shownBefore),
    leaving: imagesNotIn(shownBefore, shownAfter),
    classes: classBalance(facts, shownBefore, shownAfter),
    applicable: reviewed === 0,
    notes: [...faults, ...after.notes, ...idleChange(session, changed, after.scoreName)],
  };
}

/** The iteration whose batch is being selected or reviewed. @throws WorkflowError `not-now`. */
export async function iterationWithBatch(ports: Pick<Ports, 'store'>, session: SessionRow): Promise<IterationRow> {
  const iteration = await currentIteration(ports, session.id);
  const step = iteration === null ? null : resumePoint(iteration);
  if (iteration !== null && (step === 'selecting' || step === 'reviewing')) return iteration;
  throw new WorkflowError(
    'not-now',
    'There is no batch to preview: none is being selected or reviewed.',
    'Run the iteration up to its review first.',
  );
}

interface SelectedImages {
  readonly chosen: readonly Pick<ChosenImage, 'imageId' | 'reasons'>[];
  readonly scoreName: string | undefined;
  readonly notes: readonly string[];
}

/** @param fixed number of places that images with a verdict keep. */
async function selectImages(
  ports: Ports,
  session: SessionRow,
  iteration: IterationRow,
  facts: SelectionFacts,
  fixed: number,
  options: RunOptions,
): Promise<SelectedImages> {
  const comparison = await compareImages(ports, session, facts.version, options);
  const { request, notes } = selectionInput(session, iteration, facts, comparison);
  const batchSize = request.context.batchSize - fixed;
  const { scoreName } = request.context;
  if (batchSize < 1) return { chosen: [], scoreName, notes };
  const context = { ...request.context, batchSize };
  const result = await ports.selector.select({ ...request, context }, options.signal);
  return { chosen: result.chosen, scoreName, notes: [...notes, ...result.notes] };
}

function toChosenImage({ imageId, reasons }: SampleRow): Pick<ChosenImage, 'imageId' | 'reasons'> {
  return { imageId, reasons };
}

async function toPreviewImages(
  ports: Pick<Ports, 'store'>,
  session: SessionRow,
  batches: readonly [SelectedImages['chosen'], SelectedImages['chosen']],
): Promise<[PreviewImage[], PreviewImage[]]> {
  const locator = await ImageLocator.of(ports, session.datasetId);
  const ids = [...new Set(batches.flat().map(({ imageId }) => imageId))];
  const images = ids.length === 0 ? [] : await ports.store.images.find({ datasetId: session.datasetId, ids });
  const paths = new Map(images.map((image) => [image.id, locator.path(image)]));
  const show = (batch: SelectedImages['chosen']): PreviewImage[] =>
    batch.map(({ imageId, reasons }, rank) => ({ imageId, reasons, rank, path: paths.get(imageId) ?? '' }));
  return [show(batches[0]), show(batches[1])];
}

function imagesNotIn(images: readonly PreviewImage[], others: readonly PreviewImage[]): PreviewImage[] {
  const ids = new Set(others.map(({ imageId }) => imageId));
  return images.filter(({ imageId }) => !ids.has(imageId));
}

function classBalance(
  { pool, labelled, classNames }: SelectionFacts,
  before: readonly PreviewImage[],
  after: readonly PreviewImage[],
): ClassBalance[] {
  const expectedBefore = expectedBoxes(pool, before, classNames.length);
  const expectedAfter = expectedBoxes(pool, after, classNames.length);
  return classNames.map((name, classId) => ({
    name,
    labelled: labelled.boxesByClass[classId] ?? 0,
    before: expectedBefore[classId] ?? 0,
    after: expectedAfter[classId] ?? 0,
  }));
}

function expectedBoxes(pool: CandidateTable, images: readonly PreviewImage[], classCount: number): number[] {
  const sums = Array.from({ length: classCount }, () => 0);
  const wanted = new Set(images.map(({ imageId }) => imageId));
  const { starts, classIds, counts } = pool.expected;
  for (let index = 0; index < pool.size; index++) {
    if (!wanted.has(pool.imageIds[index] ?? -1)) continue;
    for (let at = starts[index] ?? 0; at < (starts[index + 1] ?? 0); at++) {
      const classId = classIds[at] ?? 0;
      sums[classId] = (sums[classId] ?? 0) + (counts[at] ?? 0);
    }
  }
  return sums;
}

/** Warn a user who changes weights that have no effect. */
function idleChange(before: SessionRow, after: SessionRow, scoreName: string | undefined): string[] {
  const { confidence, entropy, variance } = before.uncertaintyWeights;
  const now = after.uncertaintyWeights;
  const moved = now.confidence !== confidence || now.entropy !== entropy || now.variance !== variance;
  if (!moved || scoreName === 'combined') return [];
  return [`The weights change the score combined only, and this batch is ranked by ${scoreName ?? 'no score'}.`];
}
