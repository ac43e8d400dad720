import { parseHash } from '../../core/duplicates/perceptualHash.ts';
import { Pictures, type Picture } from '../../core/duplicates/pictures.ts';
import type { ImageState } from '../../core/dataset/types.ts';
import type { EmbeddingMatrix } from '../../core/selection/embeddings.ts';
import type { Ports, RunOptions } from '../ports/ports.ts';
import { throwIfCancelled } from '../shared/errors.ts';
import { eachPageOfHashes } from './images.ts';
import type { ImageHashColumns, ImageRow } from '../ports/store/images.ts';

/** States of images that can be compared. */
export const readableStates: readonly ImageState[] = ['unlabelled', 'labelled', 'later'];

/** Every readable image of a dataset, with the hashes that are compared. */
export interface DatasetPictures {
  /** In order of priority: validation and test images, labelled images, pool. */
  readonly pictures: Pictures;
  /** Number of validation and test images. */
  readonly held: number;
  /** Labelled images that are not held out. */
  readonly labelled: ReadonlySet<number>;
}

/** Receives all readable images of a dataset, page by page. */
export type SeeHashes = (hashes: ImageHashColumns) => void;

/** Reads the hashes of all images of a dataset. @throws WorkflowError `cancelled`; errors of the database. */
export async function readPictures(
  ports: Pick<Ports, 'store'>,
  datasetId: number,
  options: RunOptions = {},
): Promise<DatasetPictures> {
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
  load: (see: SeeHashes) => Promise<EmbeddingMatrix | null>,
  options: RunOptions = {},
): Promise<{ vectors: EmbeddingMatrix | null; pictures: DatasetPictures }> {
  const collector = new PictureCollector();
  const vectors = await load((hashes) => collector.add(hashes));
  const pictures = vectors === null ? await readPictures(ports, datasetId, options) : collector.collected();
  return { vectors, pictures };
}

/** An image as it is compared. */
export function pictureOf(image: Pick<ImageRow, 'id' | 'contentHash' | 'perceptualHash'>): Picture {
  const { id, contentHash, perceptualHash } = image;
  return { imageId: id, contentHash, hash: perceptualHash === null ? null : parseHash(perceptualHash) };
}

class PictureCollector {
  readonly #held = new Pictures();
  readonly #labelled = new Pictures();
  readonly #others = new Pictures();

  add({ imageIds, contentHashes, perceptualHashes, heldOut, labelled }: ImageHashColumns): void {
    for (let row = 0; row < imageIds.length; row++) {
      const list = heldOut[row] === 1 ? this.#held : labelled[row] === 1 ? this.#labelled : this.#others;
      const look = { contentHash: contentHashes[row] ?? null, perceptualHash: perceptualHashes[row] ?? null };
      list.add(pictureOf({ id: imageIds[row] as number, ...look }));
    }
  }

  collected(): DatasetPictures {
    return {
      pictures: Pictures.joined([this.#held, this.#labelled, this.#others]),
      held: this.#held.size,
      labelled: new Set(this.#labelled.columns.imageIds.subarray(0, this.#labelled.size)),
    };
  }
}
