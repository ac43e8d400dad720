import { groupsOf } from '../../core/duplicates/groups.ts';
import { HashedImages } from '../../core/duplicates/hashedImages.ts';
import type { ImageRow } from '../ports/store/images.ts';
import { pictureOf } from './datasetHashes.ts';

/** The largest share of the images that may stay together only because they are near duplicates. */
const mostAlike = 0.1;

/**
 * For an image that shows the same as an earlier one, the content hash of that one: both stay on one side of the split.
 * A larger group is probably a static scene and is divided; otherwise it alone would determine the split.
 */
export function hashesOfFirst(images: readonly ImageRow[]): Map<number, string | null> {
  const pictures = new HashedImages();
  for (const image of images) pictures.add(pictureOf(image));
  const most = Math.min(Math.max(2, images.length * mostAlike), images.length / 2);
  const hashes = new Map(images.map(({ id, contentHash }) => [id, contentHash]));
  return new Map(
    groupsOf(pictures, null)
      .filter(({ others }) => 1 + others.length <= most)
      .flatMap(({ first, others }) => others.map(({ imageId }) => [imageId, hashes.get(first) ?? null] as const)),
  );
}
