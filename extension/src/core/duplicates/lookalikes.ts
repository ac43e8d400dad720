import type { EmbeddingMatrix } from '../selection/embeddings.ts';
import { HashIndex } from './hashIndex.ts';
import { differingBits, type PerceptualHash } from './perceptualHash.ts';

/*
 * When two pictures count as the same one. Measured on 600 circuit boards, 200 photos and 180 pictures of one inspection
 * station, a quarter of them with copies that were compressed, scaled, brightened, blurred and cut (docs/duplicates.md).
 * Neither is enough alone: boards of one design with other defects differ in 4 bits of 64 or have a cosine of 0.98, and
 * true copies have cosines down to 0.85.
 */
const gradientBits = 10;
const close = { bits: 4, cosine: 0.85 };
const looser = { bits: 6, cosine: 0.95 };
/** Without vectors. */
const alone = { bits: 2 };

/** Where a scene never changes, thousands of pictures have nearly one hash: further ones are not looked at. */
const mostCompared = 4096;

/** A picture as it is compared. */
export interface Picture {
  readonly imageId: number;
  /** SHA-256, hex, of the file. */
  readonly contentHash: string | null;
  readonly hash: PerceptualHash | null;
}

/** Another picture that shows the same. */
export interface Lookalike {
  readonly imageId: number;
  readonly sameFile: boolean;
  /** Bits of 64 in which the pictures differ. */
  readonly bits: number;
  /** Cosine of their vectors; null where one has none. */
  readonly cosine: number | null;
}

/** Pictures among which others are looked up. Memory: about 60 bytes a picture. */
export class LookalikeIndex {
  readonly #vectors: EmbeddingMatrix | null;
  readonly #index = new HashIndex();
  readonly #byContent = new Map<number | string, number>();
  readonly #imageIds: number[] = [];
  readonly #rows: number[] = [];
  #hashes = new Uint32Array(4096);

  /** @param vectors centred and of unit length; without them only pictures with almost the same hash are alike. */
  constructor(vectors: EmbeddingMatrix | null) {
    this.#vectors = vectors;
  }

  add({ imageId, contentHash, hash }: Picture): void {
    if (contentHash !== null) {
      const key = contentKey(contentHash);
      if (!this.#byContent.has(key)) this.#byContent.set(key, imageId);
    }
    if (hash === null) return;
    const entry = this.#index.add(hash);
    if (entry * 4 === this.#hashes.length) {
      const hashes = new Uint32Array(this.#hashes.length * 2);
      hashes.set(this.#hashes);
      this.#hashes = hashes;
    }
    this.#hashes.set(hash, entry * 4);
    this.#imageIds[entry] = imageId;
    this.#rows[entry] = rowOf(this.#vectors, imageId);
  }

  /** The one of those added that is most like the picture: the same file, then the highest cosine, then the fewest bits. */
  find({ imageId, contentHash, hash }: Picture): Lookalike | null {
    const same = contentHash === null ? undefined : this.#byContent.get(contentKey(contentHash));
    if (same !== undefined && same !== imageId) return { imageId: same, sameFile: true, bits: 0, cosine: 1 };
    if (hash === null) return null;
    const row = rowOf(this.#vectors, imageId);
    let best: Lookalike | null = null;
    let compared = 0;
    this.#index.near(hash, (entry) => {
      const found = this.#compare(entry, hash, row);
      if (found !== null && found.imageId !== imageId && (best === null || isBetter(found, best))) best = found;
      return ++compared < mostCompared;
    });
    return best;
  }

  #compare(entry: number, hash: PerceptualHash, row: number): Lookalike | null {
    const at = entry * 4;
    const bits =
      differingBits(this.#hashes[at] as number, hash[0]) + differingBits(this.#hashes[at + 1] as number, hash[1]);
    if (bits > looser.bits) return null;
    const gradients =
      differingBits(this.#hashes[at + 2] as number, hash[2]) + differingBits(this.#hashes[at + 3] as number, hash[3]);
    if (gradients > gradientBits) return null;
    const other = this.#rows[entry] as number;
    const cosine = row < 0 || other < 0 || this.#vectors === null ? null : dot(this.#vectors, row, other);
    const imageId = this.#imageIds[entry] as number;
    return areAlike(bits, cosine) ? { imageId, sameFile: false, bits, cosine } : null;
  }
}

function areAlike(bits: number, cosine: number | null): boolean {
  if (cosine === null) return bits <= alone.bits;
  return (bits <= close.bits && cosine >= close.cosine) || (bits <= looser.bits && cosine >= looser.cosine);
}

function isBetter(one: Lookalike, other: Lookalike): boolean {
  const byCosine = (one.cosine ?? -1) - (other.cosine ?? -1);
  if (byCosine !== 0) return byCosine > 0;
  return one.bits === other.bits ? one.imageId < other.imageId : one.bits < other.bits;
}

/** 52 bits of the file's hash, to save memory: two of a million files share them once in ten thousand datasets. */
function contentKey(contentHash: string): number | string {
  const key = Number(`0x${contentHash.slice(0, 13)}`);
  return Number.isNaN(key) ? contentHash : key;
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

/** A picture and those that show the same, in the order they came. */
export interface LookalikeGroup {
  readonly first: number;
  readonly others: readonly Lookalike[];
}

/**
 * Groups of pictures around the first that came of each: a member is like that first one, not only like another member,
 * so that a slow pan does not become one group. Whoever should stay is given first.
 */
export class LookalikeGroups {
  readonly #firsts: LookalikeIndex;
  readonly #groups = new Map<number, Lookalike[]>();

  constructor(vectors: EmbeddingMatrix | null) {
    this.#firsts = new LookalikeIndex(vectors);
  }

  add(picture: Picture): void {
    const found = this.#firsts.find(picture);
    if (found === null) {
      this.#firsts.add(picture);
      return;
    }
    const { imageId: first, ...how } = found;
    const members = this.#groups.get(first) ?? [];
    members.push({ imageId: picture.imageId, ...how });
    this.#groups.set(first, members);
  }

  /** Those of two pictures and more. */
  groups(): LookalikeGroup[] {
    return [...this.#groups].map(([first, others]) => ({ first, others }));
  }
}
