import { scoreColumn, type CandidateTable } from './candidates.ts';
import { leadingClass, NO_CLASS } from './classNeed.ts';
import { composeBatch } from './composeBatch.ts';
import type { PickedImage, BatchBuilder } from './batchBuilder.ts';
import { placeReason } from './reasons.ts';
import type { SelectionContext, Strategy } from './strategy.ts';
import { RankTable } from './topIndexes.ts';

/**
 * Keeps the predicted class distribution of the pool: the classes of the batch's expected boxes have the same shares as
 * in the pool, and so do images without detections. An image belongs to the class of most of its expected boxes. Among
 * the most uncertain images of all classes, each place goes to the one that brings the shares of the batch closest to
 * the pool, so that an image of several classes counts for each of them.
 */
export const stratifiedStrategy: Strategy = {
  id: 'stratified',
  title: 'Stratified',
  description: 'Classes in the shares that the model sees in the pool, most uncertain first.',
  source:
    'Proportional stratified sampling (Neyman, 1934) over predicted classes, allocated place by place (Webster/Sainte-Laguë).',
  needsScores: true,
  embeddings: 'unused',
  select: (pool, context) =>
    composeBatch(pool, context, {
      randomShare: 0,
      // Keeps the pool's share of images without detections instead of a quota, unless the settings differ.
      stratum: !keepsEmptyShare(context),
      choose: (builder, places) => inShares(builder, places),
      short: (chosen) => `Only ${chosen} images could be assigned to a class`,
    }),
};

function keepsEmptyShare({ zeroDetections = 'quota' }: SelectionContext): boolean {
  return zeroDetections === 'quota';
}

interface Stratum {
  readonly classId: number;
  /** Best first; images selected in the meantime are skipped. */
  readonly queue: readonly number[];
  next: number;
}

function inShares(builder: BatchBuilder, places: number): PickedImage[] {
  const { pool, context } = builder;
  const { scoreName = 'combined' } = context;
  const scores = scoreColumn(pool, scoreName);
  const ranks = new RankTable(scores);
  const strata = strataOf(builder, scores, places);
  const shares = sharesOf(pool);
  const have = new Map<number, number>();
  const picks: PickedImage[] = [];
  while (picks.length < places) {
    const stratum = nextStratum(builder, strata, shares, have);
    const index = stratum?.queue[stratum.next];
    if (stratum === null || index === undefined) break;
    const share = Math.round(100 * (shares.images.get(stratum.classId) ?? 0));
    const name = context.classNames?.[stratum.classId] ?? `class ${stratum.classId}`;
    const score = scores[index] ?? Number.NaN;
    picks.push(
      builder.take(index, 'ranked', [
        stratum.classId === NO_CLASS
          ? `no detection, as in ${share} % of the pool`
          : `for ${name}, which leads in ${share} % of the pool`,
        ...(Number.isNaN(score) ? [] : [placeReason(scoreName, score, ranks)]),
      ]),
    );
    add(pool, index, have);
  }
  return picks;
}

function strataOf(builder: BatchBuilder, scores: Float64Array, places: number): Stratum[] {
  const { pool } = builder;
  const classOf = Int32Array.from({ length: pool.size }, (_, index) => leadingClass(pool, index));
  // Without detections there is no score, so the best candidate below the threshold ranks.
  const values = scores.map((score, index) => {
    if (classOf[index] === NO_CLASS) return pool.bestScores[index] ?? 0;
    return Number.isNaN(score) ? -1 : score;
  });
  const classes = [...new Set(classOf)]
    .filter((classId) => classId !== NO_CLASS || keepsEmptyShare(builder.context))
    .toSorted((a, b) => a - b);
  // Every place removes at most one image from a queue: the selected one, or its near duplicate.
  return classes.map((classId) => ({
    classId,
    queue: builder.topScenes(values, places, (index) => classOf[index] === classId),
    next: 0,
  }));
}

interface Shares {
  /** Share of the pool's expected boxes by class; no entry for images without detections. */
  readonly boxes: ReadonlyMap<number, number>;
  /** Share of the pool's images by leading class. */
  readonly images: ReadonlyMap<number, number>;
}

function sharesOf(pool: CandidateTable): Shares {
  const boxes = new Map<number, number>();
  const images = new Map<number, number>();
  let allBoxes = 0;
  for (let index = 0; index < pool.size; index++) {
    const leading = leadingClass(pool, index);
    images.set(leading, (images.get(leading) ?? 0) + 1 / pool.size);
    if (leading === NO_CLASS) continue;
    for (let at = pool.expected.starts[index] ?? 0; at < (pool.expected.starts[index + 1] ?? 0); at++) {
      const classId = pool.expected.classIds[at] as number;
      boxes.set(classId, (boxes.get(classId) ?? 0) + (pool.expected.counts[at] as number));
      allBoxes += pool.expected.counts[at] as number;
    }
  }
  for (const [classId, count] of boxes) boxes.set(classId, count / allBoxes);
  return { boxes, images };
}

/** The selection so far: boxes by class, images without detections under `NO_CLASS`, and both sums. */
const ALL_BOXES = -2;
const ALL_IMAGES = -3;

function add(pool: CandidateTable, index: number, have: Map<number, number>): void {
  const grow = (key: number, by: number): void => void have.set(key, (have.get(key) ?? 0) + by);
  grow(ALL_IMAGES, 1);
  if (leadingClass(pool, index) === NO_CLASS) return grow(NO_CLASS, 1);
  for (let at = pool.expected.starts[index] ?? 0; at < (pool.expected.starts[index + 1] ?? 0); at++) {
    const count = pool.expected.counts[at] as number;
    grow(pool.expected.classIds[at] as number, count);
    grow(ALL_BOXES, count);
  }
}

/**
 * The stratum whose next image brings the batch closest to the shares of the pool: first whether an image without
 * detections is due (half a one, as Webster rounds), then by the sum of squared differences of the boxes' shares.
 */
function nextStratum(
  builder: BatchBuilder,
  strata: readonly Stratum[],
  shares: Shares,
  have: ReadonlyMap<number, number>,
): Stratum | null {
  const left = strata.filter((stratum) => {
    while (stratum.next < stratum.queue.length && !builder.isFree(stratum.queue[stratum.next] ?? 0)) stratum.next++;
    return stratum.next < stratum.queue.length;
  });
  const images = (have.get(ALL_IMAGES) ?? 0) + 1;
  const isEmptyDue = (shares.images.get(NO_CLASS) ?? 0) * images - (have.get(NO_CLASS) ?? 0) >= 0.5;
  const empty = left.find(({ classId }) => classId === NO_CLASS);
  if (empty !== undefined && (isEmptyDue || left.length === 1)) return empty;
  let best: Stratum | null = null;
  let least = Infinity;
  for (const stratum of left) {
    if (stratum === empty) continue;
    const then = new Map(have);
    add(builder.pool, stratum.queue[stratum.next] ?? 0, then);
    // Of shares instead of counts, in which an image with many boxes would always deviate most.
    const all = Math.max(then.get(ALL_BOXES) ?? 0, Number.MIN_VALUE);
    let difference = 0;
    for (const [classId, share] of shares.boxes) difference += ((then.get(classId) ?? 0) / all - share) ** 2;
    if (difference >= least) continue;
    best = stratum;
    least = difference;
  }
  return best;
}
