import { scoreColumn } from './candidates.ts';
import { rareClass } from './classNeed.ts';
import { composeBatch } from './composeBatch.ts';
import type { PickedImage, BatchBuilder } from './batchBuilder.ts';
import { placeReason, rareClassReason } from './reasons.ts';
import type { Strategy } from './strategy.ts';
import { RankTable } from './topIndexes.ts';

/**
 * Limits the need of a class to this multiple of the average, so that a class without labels does not take the whole
 * batch.
 */
const MOST_NEED = 5;
/** Adds this many boxes of average need to every image, because a faint box is weak evidence for its class. */
const NEUTRAL_BOXES = 1;

/**
 * Counteracts the majority class: always selects the image whose expected boxes are of the classes with the fewest
 * labels, counting the batch so far. Need of a class: (N/C + 1) / (n_c + 1), at most 5, where n_c counts labelled boxes
 * and the expected ones of selected images, and N is their sum. Value of an image: (Σ_c e_c · need_c + 1) / (Σ_c e_c +
 * 1), the mean need of its expected boxes e_c and of one neutral box, × (1 + score) / 2, so that need decides and
 * uncertainty breaks ties. The neutral box reduces the weight of little evidence: a box of 0.06 of the rarest class is
 * worth less than a real one beside frequent objects.
 */
export const classBalancedStrategy: Strategy = {
  id: 'class-balanced',
  title: 'Class-balanced',
  description: 'Takes images of the classes that have the fewest labels.',
  source:
    'Inverse-frequency class weights with a cap, as in Brust et al., VISAPP 2019, brought up to date after every choice.',
  needsScores: true,
  embeddings: 'unused',
  select: (pool, context) =>
    composeBatch(pool, context, {
      randomShare: 0,
      stratum: true,
      choose: (builder, places) => balance(builder, places),
      short: (chosen) => `Only ${chosen} images with a detection were left`,
    }),
};

function balance(builder: BatchBuilder, places: number): PickedImage[] {
  const { pool, context } = builder;
  const { scoreName = 'combined', labelled, classNames } = context;
  const scores = scoreColumn(pool, scoreName);
  const ranks = new RankTable(scores);
  const { starts, classIds, counts } = pool.expected;
  const classCount = Math.max(labelled?.boxesByClass.length ?? 0, highestClass(classIds) + 1);
  const have = Float64Array.from({ length: classCount }, (_, classId) => labelled?.boxesByClass[classId] ?? 0);
  const add = (index: number): void => {
    for (let at = starts[index] ?? 0; at < (starts[index + 1] ?? 0); at++) {
      const classId = classIds[at] as number;
      have[classId] = (have[classId] as number) + (counts[at] as number);
    }
  };
  for (let index = 0; index < pool.size; index++) if (builder.isTaken(index)) add(index);

  const picks: PickedImage[] = [];
  while (picks.length < places) {
    const needs = needsOf(have);
    let best = -1;
    let most = -Infinity;
    for (let index = 0; index < pool.size; index++) {
      if (pool.hasDetections[index] === 0 || builder.isTaken(index)) continue;
      let weighted = NEUTRAL_BOXES;
      let all = NEUTRAL_BOXES;
      for (let at = starts[index] as number; at < (starts[index + 1] as number); at++) {
        weighted += (counts[at] as number) * (needs[classIds[at] as number] as number);
        all += counts[at] as number;
      }
      const score = scores[index] as number;
      const value = ((weighted / all) * (1 + (Number.isNaN(score) ? 0 : score))) / 2;
      if (value <= most || !builder.isFree(index)) continue;
      best = index;
      most = value;
    }
    if (best < 0) break;
    const rare = rareClass(pool.expected, best, needs);
    const score = scores[best] as number;
    picks.push(
      builder.take(best, 'ranked', [
        ...(rare === null ? [] : [rareClassReason(rare, classNames)]),
        ...(Number.isNaN(score) ? [] : [placeReason(scoreName, score, ranks)]),
        ...(rare === null && Number.isNaN(score) ? ['keeps the classes in balance'] : []),
      ]),
    );
    add(best);
  }
  return picks;
}

function needsOf(have: Float64Array): Float64Array {
  const fair = have.reduce((sum, count) => sum + count, 0) / Math.max(1, have.length);
  return have.map((count) => Math.min(MOST_NEED, (fair + 1) / (count + 1)));
}

function highestClass(classIds: Int32Array): number {
  return classIds.reduce((highest, classId) => Math.max(highest, classId), -1);
}
