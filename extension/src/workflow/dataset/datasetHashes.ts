import { parseHash } from '../../core/duplicates/perceptualHash.ts';
import { HashedImages, type HashedImage } from '../../core/duplicates/hashedImages.ts';
import type { ImageState } from '../../core/dataset/types.ts';
import type { EmbeddingMatrix } from '../../core/selection/embeddings.ts';
import type { Ports, RunOptions } from '../ports/ports.ts';
import { throwIfCancelled } from '../shared/errors.ts';
import { eachPageOfHashes } from './images.ts';
import type { ImageHashColumns, ImageRow } from '../ports/store/images.ts';

/** States of images that can be compared. */
export const readableStates: readonly ImageState[] = ['unlabelled', 'labelled', 'later'];

/** Every readable image of a dataset, with the hashes that are compared. */
export interface DatasetHashes {
  /** In order of priority: validation and test images, labelled images, pool. */
  readonly pictures: HashedImages;
  /** Number of validation and test images. */
  readonly held: number;
  /** Labelled images that are not held out. */
  readonly labelled: ReadonlySet<number>;
}

/** Receives all readable images of a dataset, page by page. */
export type OnHashes = (hashes: ImageHashColumns) => void;

/** Reads the hashes of all images of a dataset. @throws WorkflowError `cancelled`; errors of the database. */
export async function readHashes(
  ports: Pick<Ports, 'store'>,
  datasetId: number,
  options: RunOptions = {},
): Promise<DatasetHashes> {
  const collector = new PictureCollector();
  for await (const hashes of eachPageOfHashes(ports, { datasetId, states: readableStates })) {
    throwIfCancelled(options.signal);
    collector.add(hashes);
  }
  return collector.collected();
}

/**
 * Vectors and hashes. If there are vectors, the images are read only once for both.
 * @param load passes all readable images to its argument unless it returns null.
 */
export async function readVectorsAndPictures(
  ports: Pick<Ports, 'store'>,
  datasetId: number,
  load: (see: OnHashes) => Promise<EmbeddingMatrix | null>,
  options: RunOptions = {},
): Promise<{ vectors: EmbeddingMatrix | null; pictures: DatasetHashes }> {
  const collector = new PictureCollector();
  const vectors = await load((hashes) => collector.add(hashes));
  const pictures = vectors === null ? await readHashes(ports, datasetId, options) : collector.collected();
  return { vectors, pictures };
}

/** An image as it is compared. */
export function pictureOf(image: Pick<ImageRow, 'id' | 'contentHash' | 'perceptualHash'>): HashedImage {
  const { id, contentHash, perceptualHash } = image;
  return { imageId: id, contentHash, hash: perceptualHash === null ? null : parseHash(perceptualHash) };
}

class PictureCollector {
  readonly #held = new HashedImages();
  readonly #labelled = new HashedImages();
  readonly #others = new HashedImages();

  add({ imageIds, contentHashes, perceptualHashes, heldOut, labelled }: ImageHashColumns): void {
    for (let row = 0; row < imageIds.length; row++) {
      const list = heldOut[row] === 1 ? this.#held : labelled[row] === 1 ? this.#labelled : this.#others;
      const look = { contentHash: contentHashes[row] ?? null, perceptualHash: perceptualHashes[row] ?? null };
      list.add(pictureOf({ id: imageIds[row] as number, ...look }));
    }
  }

  collected(): DatasetHashes {
    return {
      pictures: HashedImages.joined([this.#held, this.#labelled, this.#others]),
      held: this.#held.size,
      labelled: new Set(this.#labelled.columns.imageIds.subarray(0, this.#labelled.size)),
    };
  }
}
