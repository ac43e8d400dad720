import type { EmbeddingMatrix } from '../selection/embeddings.ts';
import { HashIndex } from './hashIndex.ts';
import { differingBits, type PerceptualHash } from './perceptualHash.ts';
import { contentKey, type HashedImage, type HashedImages } from './hashedImages.ts';

/*
 * The limits for near duplicates. Measured on 600 circuit boards, 200 photos and 240 images of one inspection station,
 * a quarter of them with compressed, scaled, brightened, blurred and cropped copies (docs/duplicates.md). Neither limit
 * is enough alone: boards of one design with different defects differ in 4 of 64 bits or have a cosine of 0.98, and
 * true copies have cosines down to 0.85.
 */
const gradientBits = 10;
const close = { bits: 4, cosine: 0.85 };
const looser = { bits: 6, cosine: 0.95 };
/** Without vectors. */
const alone = { bits: 2 };

/** In a static scene, almost all images have one hash, so the number of compared hashes and vectors is limited. */
const patience = 8192;
const mostVectors = 256;

/** Another image that shows the same. */
export interface NearDuplicate {
  readonly imageId: number;
  readonly sameFile: boolean;
  /** Number of the 64 bits in which the images differ. */
  readonly bits: number;
  /** Cosine of their vectors; null if one has none. */
  readonly cosine: number | null;
}

/** Finds near duplicates among the given images. */
export class NearDuplicateFinder {
  readonly #pictures: HashedImages;
  readonly #hashes: Uint32Array;
  readonly #index: HashIndex;
  readonly #vectors: EmbeddingMatrix | null;
  /** 0 for images without an earlier duplicate; computed when first needed. */
  #withEarlier: Uint8Array | null = null;

  /**
   * @param pictures all images to compare; none is added later.
   * @param vectors centred and of unit length; without them, only images with almost equal hashes are near duplicates.
   */
  constructor(pictures: HashedImages, vectors: EmbeddingMatrix | null) {
    this.#pictures = pictures;
    this.#hashes = pictures.hashes;
    this.#index = new HashIndex(pictures.hashes, pictures.known);
    this.#vectors = vectors;
  }

  /** The best match of an image: the same file, then the highest cosine, then the fewest bits, then the first. */
  find({ imageId, contentHash, hash }: HashedImage): NearDuplicate | null {
    return this.#find(imageId, contentKey(contentHash), hash, this.#pictures.size);
  }

  /** The same for an image of another list. */
  findLike(list: HashedImages, entry: number): NearDuplicate | null {
    return this.#find(list.imageIdOf(entry), list.contentOf(entry), list.hashOf(entry), this.#pictures.size);
  }

  /** The same for one of the images, among earlier ones that `allowed` marks with 1. */
  findBefore(entry: number, allowed: Uint8Array): NearDuplicate | null {
    const own = this.#pictures;
    this.#withEarlier ??= this.#index.withEarlier(this.#vectors === null ? alone.bits : looser.bits);
    const hash = this.#withEarlier[entry] === 1 ? own.hashOf(entry) : null;
    return this.#find(own.imageIdOf(entry), own.contentOf(entry), hash, entry, allowed);
  }

  #find(
    imageId: number,
    content: number,
    hash: PerceptualHash | null,
    before: number,
    allowed?: Uint8Array,
  ): NearDuplicate | null {
    const pictures = this.#pictures;
    const same = pictures.firstOf(content);
    if (same >= 0 && same < before && allowed?.[same] !== 0 && pictures.imageIdOf(same) !== imageId) {
      return { imageId: pictures.imageIdOf(same), sameFile: true, bits: 0, cosine: 1 };
    }
    if (hash === null) return null;
    const row = rowOf(this.#vectors, imageId);
    let best: Found | null = null;
    let vectorsLeft = mostVectors;
    const most = row < 0 ? alone.bits : looser.bits;
    const search = { before, patience, ...(allowed === undefined ? {} : { allowed }) };
    this.#index.near(hash[0], hash[1], most, search, (entry, bits) => {
      if (entry === best?.entry || pictures.imageIdOf(entry) === imageId) return;
      const at = 4 * entry + 2;
      const gradients =
        differingBits(this.#hashes[at] as number, hash[2]) + differingBits(this.#hashes[at + 1] as number, hash[3]);
      if (gradients > gradientBits || vectorsLeft-- <= 0) return;
      const found = { entry, bits, cosine: this.#cosine(row, pictures.imageIdOf(entry)) };
      if (areAlike(bits, found.cosine) && (best === null || isBetter(found, best))) best = found;
    });
    return named(best, pictures);
  }

  #cosine(row: number, imageId: number): number | null {
    const other = rowOf(this.#vectors, imageId);
    return row < 0 || other < 0 || this.#vectors === null ? null : dot(this.#vectors, row, other);
  }
}

interface Found {
  readonly entry: number;
  readonly bits: number;
  readonly cosine: number | null;
}

function named(found: Found | null, pictures: HashedImages): NearDuplicate | null {
  if (found === null) return null;
  return { imageId: pictures.imageIdOf(found.entry), sameFile: false, bits: found.bits, cosine: found.cosine };
}

function areAlike(bits: number, cosine: number | null): boolean {
  if (cosine === null) return bits <= alone.bits;
  return (bits <= close.bits && cosine >= close.cosine) || (bits <= looser.bits && cosine >= looser.cosine);
}

function isBetter(one: Found, other: Found): boolean {
  const byCosine = (one.cosine ?? -1) - (other.cosine ?? -1);
  if (byCosine !== 0) return byCosine > 0;
  return one.bits === other.bits ? one.entry < other.entry : one.bits < other.bits;
}

function dot({ dimensions, vectors }: EmbeddingMatrix, a: number, b: number): number {
  let sum = 0;
  for (let i = 0; i < dimensions; i++) {
    sum += (vectors[a * dimensions + i] as number) * (vectors[b * dimensions + i] as number);
  }
  return sum;
}

function rowOf(vectors: EmbeddingMatrix | null, imageId: number): number {
  if (vectors === null) return -1;
  let low = 0;
  let high = vectors.imageIds.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((vectors.imageIds[middle] as number) < imageId) low = middle + 1;
    else high = middle;
  }
  return vectors.imageIds[low] === imageId ? low : -1;
}
