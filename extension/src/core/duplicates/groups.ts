import type { EmbeddingMatrix } from '../selection/embeddings.ts';
import { NearDuplicateFinder, type NearDuplicate } from './nearDuplicates.ts';
import { HashedImages, type HashedImageColumns } from './hashedImages.ts';

/** A picture and those that show the same, in the order they came. */
export interface NearDuplicateGroup {
  readonly first: number;
  readonly others: readonly NearDuplicate[];
}

/**
 * Groups pictures around the first that came of each: a member is like that first one, not only like another member, so
 * that a slow pan does not become one group. Whoever should stay is given first. Pictures without a partner are left out.
 * @param vectors see `NearDuplicateFinder`.
 */
export function groupsOf(pictures: HashedImages, vectors: EmbeddingMatrix | null): NearDuplicateGroup[] {
  const finder = new NearDuplicateFinder(pictures, vectors);
  const isFirst = new Uint8Array(pictures.size);
  const groups = new Map<number, NearDuplicate[]>();
  for (let entry = 0; entry < pictures.size; entry++) {
    const found = finder.findBefore(entry, isFirst);
    if (found === null) {
      isFirst[entry] = 1;
      continue;
    }
    const members = groups.get(found.imageId) ?? [];
    members.push({ ...found, imageId: pictures.imageIdOf(entry) });
    groups.set(found.imageId, members);
  }
  return [...groups].map(([first, others]) => ({ first, others }));
}

/** A picture that shows what a held-out one shows. */
export interface Leak {
  /** The held-out one. */
  readonly of: number;
  readonly image: NearDuplicate;
}

/**
 * The pictures that show the same as one of the first `held` ones, which are held out of training.
 * @param vectors see `NearDuplicateFinder`.
 */
export function leaksOf(columns: HashedImageColumns, held: number, vectors: EmbeddingMatrix | null): Leak[] {
  const all = HashedImages.of(columns);
  const finder = new NearDuplicateFinder(HashedImages.of(columns, held), vectors);
  const leaks: Leak[] = [];
  for (let entry = held; entry < all.size; entry++) {
    const like = finder.findLike(all, entry);
    if (like !== null) leaks.push({ of: like.imageId, image: { ...like, imageId: all.imageIdOf(entry) } });
  }
  return leaks;
}
