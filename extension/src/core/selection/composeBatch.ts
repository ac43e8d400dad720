import type { CandidateTable } from './candidates.ts';
import { interleave } from './interleave.ts';
import { BatchBuilder, type PickedImage } from './batchBuilder.ts';
import type { SelectionContext, SelectionResult } from './strategy.ts';

/** The initial quota of images without detections (docs/architecture.md, Scores and selection). */
export const DEFAULT_ZERO_DETECTION_SHARE = 0.1;
/**
 * From this batch size, the quota has at least one place: a share of 2 % of 20 rounds to none, and misses would stay
 * hidden.
 */
const LEAST_WITH_PLACE = 10;
/** The random part of the batch (docs/architecture.md, Scores and selection). */
export const DEFAULT_RANDOM_SHARE = 0.2;

/** The strategy's part of the common procedure. */
export interface BatchPlan {
  /** The share of the batch that is drawn first unless the context sets another. */
  readonly randomShare: number;
  /** Whether images without detections form a separate stratum, because they have no valid score. */
  readonly stratum: boolean;
  /** Selects at most `places` images through the builder, best first. */
  choose(builder: BatchBuilder, places: number): readonly PickedImage[];
  /** Start of the note about places that the strategy could not fill: "Only 2 of 10 images reach combined 0.30". */
  short(chosen: number, all: number): string;
}

/**
 * The procedure of every batch: first the random slice, then the share of images without detections, then the
 * strategy's selection; open places are drawn at random from the rest. Slice and share are spread evenly over the
 * queue, so that a review that stops early has seen a part of each.
 * @throws SelectionError `context-invalid`.
 */
export function composeBatch(pool: CandidateTable, context: SelectionContext, plan: BatchPlan): SelectionResult {
  const builder = new BatchBuilder(pool, context);
  const slice = builder.draw(Math.round(builder.places * (context.randomShare ?? plan.randomShare)), 'random-slice');
  const policy = context.zeroDetections ?? 'quota';
  const stratum = plan.stratum ? [...builder.takeWithoutDetections(stratumPlaces(builder, context))] : [];
  const ranked = plan.choose(builder, builder.open);

  const openBefore = builder.open;
  const filled: PickedImage[] = [];
  if (plan.stratum) {
    const { hasDetections } = pool;
    const found = (index: number): boolean => hasDetections[index] === 1;
    // Images without detections take part in the draw, unless only they are left: then their rank decides.
    const alsoEmpty = policy !== 'ignore' && anyFree(builder, found);
    filled.push(...builder.draw(builder.open, 'filled', alsoEmpty ? undefined : found));
  } else {
    filled.push(...builder.draw(builder.open, 'filled'));
  }
  const further = plan.stratum ? builder.takeWithoutDetections(builder.open) : [];
  const nearDuplicates = builder.drawNearDuplicates(builder.open);

  const spread = interleave(policy === 'first' ? ranked : interleave(ranked, [...stratum, ...further]), slice);
  const ordered = [...(policy === 'first' ? [...stratum, ...further] : []), ...spread, ...filled, ...nearDuplicates];
  const notes = shortPoolNote(pool.size, context.batchSize);
  if (openBefore > 0) {
    const begin = plan.short(ranked.length, ordered.length);
    notes.push(...fillNotes(begin, filled.length, further.length, nearDuplicates.length));
  }
  return {
    chosen: ordered.map(({ index, part, reasons }) => ({ imageId: pool.imageIds[index] ?? -1, part, reasons })),
    notes,
  };
}

function stratumPlaces(
  builder: BatchBuilder,
  { zeroDetections = 'quota', zeroDetectionShare }: SelectionContext,
): number {
  if (zeroDetections === 'ignore') return 0;
  if (zeroDetections === 'first') return builder.open;
  const share = zeroDetectionShare ?? DEFAULT_ZERO_DETECTION_SHARE;
  const { batchSize } = builder.context;
  const least = share > 0 && batchSize >= LEAST_WITH_PLACE ? 1 : 0;
  return Math.min(builder.open, Math.max(least, Math.round(batchSize * share)));
}

function anyFree(builder: BatchBuilder, eligible: (index: number) => boolean): boolean {
  for (let index = 0; index < builder.pool.size; index++) if (eligible(index) && builder.isFree(index)) return true;
  return false;
}

function fillNotes(begin: string, drawn: number, further: number, nearDuplicates: number): string[] {
  return [
    ...(drawn > 0 ? [`${begin}; ${were(drawn)} drawn at random.`] : []),
    ...(further > 0 ? [`${begin}; ${further} more came from the images without detections.`] : []),
    ...(nearDuplicates > 0
      ? [`${were(nearDuplicates)} taken although they look like labelled or chosen images: nothing else was left.`]
      : []),
  ];
}

function were(count: number): string {
  return `${count} ${count === 1 ? 'was' : 'were'}`;
}

/** Notes for a pool that cannot fill a batch. */
function shortPoolNote(poolSize: number, batchSize: number): string[] {
  if (poolSize >= batchSize) return [];
  const left = poolSize === 1 ? 'Only 1 image was' : `Only ${poolSize} images were`;
  return [`${left} left in the pool; the batch should have had ${batchSize}.`];
}
