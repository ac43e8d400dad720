import { placeInPool } from '../uncertainty/reasons.ts';
import type { RankTable } from './topIndexes.ts';

/** Reasons that several strategies share, in plain words. */
export const WITHOUT_DETECTION = 'taken from the images without detections';
export const LIKE_ANOTHER = 'looks like an image that is labelled or chosen, but nothing else was left';
export const FAR_FROM_LABELLED = 'far from everything labelled';
export const FARTHEST_LEFT = 'of all that was left, the farthest from labels and batch';
export const FAR_FROM_CHOSEN = 'unlike the rest of the batch';
export const MOST_TYPICAL = 'most typical of its cluster';
export const MOST_CENTRAL = 'in the middle of its cluster';

/** "decision-entropy 0.62, higher than 97 % of the scored pool". */
export function placeReason(scoreName: string, score: number, ranks: RankTable): string {
  return placeInPool({ scoreName, score, below: ranks.below(score), scored: ranks.count });
}

/** "rare class crack". */
export function rareClassReason(classId: number, classNames: readonly string[] = []): string {
  return `rare class ${classNames[classId] ?? classId}`;
}

/** "stands for 240 images that look alike". */
export function clusterSizeReason(size: number): string {
  return `stands for a cluster of ${size} ${size === 1 ? 'image' : 'images'}`;
}
