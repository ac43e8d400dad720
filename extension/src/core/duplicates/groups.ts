import type { EmbeddingMatrix } from '../selection/embeddings.ts';
import { NearDuplicateFinder, type NearDuplicate } from './nearDuplicates.ts';
import { HashedImages, type HashedImageColumns } from './hashedImages.ts';

/** An image and its near duplicates, in the given order. */
export interface NearDuplicateGroup {
  readonly first: number;
  readonly others: readonly NearDuplicate[];
}

/**
 * Groups images around the first one of each group: a member resembles that image, not only another member, so that a
 * slow pan does not become one group. Pass the images to keep first. Images without a duplicate are left out.
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

/** A near duplicate of a held-out image. */
export interface Leak {
  /** The held-out image. */
  readonly of: number;
  readonly image: NearDuplicate;
}

/**
 * The near duplicates of the first `held` images, which are held out of training.
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
