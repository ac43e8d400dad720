import { hexNumber } from './hexNumber.ts';
import type { PerceptualHash } from './perceptualHash.ts';

/** An image with the hashes that are compared. */
export interface HashedImage {
  readonly imageId: number;
  /** SHA-256, hex, of the file. */
  readonly contentHash: string | null;
  readonly hash: PerceptualHash | null;
}

/** Images in columns of shared memory, which threads read without a copy. */
export interface HashedImageColumns {
  readonly size: number;
  readonly imageIds: Float64Array;
  /** See `contentKey`. */
  readonly contents: Float64Array;
  /** Four words per image. */
  readonly hashes: Uint32Array;
  /** 1 if the image has a hash. */
  readonly known: Uint8Array;
}

/** A list of images in columns: a million of them take about 80 MB. */
export class HashedImages {
  #imageIds: Float64Array;
  #contents: Float64Array;
  #hashes: Uint32Array;
  #known: Uint8Array;
  /**
   * The first image of each content; built when first needed, because callers that only collect images never need it.
   */
  #byContent: Map<number, number> | null = null;
  #size: number;

  constructor(columns = room(1024), size = 0) {
    this.#imageIds = columns.imageIds;
    this.#contents = columns.contents;
    this.#hashes = columns.hashes;
    this.#known = columns.known;
    this.#size = size;
  }

  /** Wraps the columns of another thread, or their first `size` rows. Nothing can be added. */
  static of(columns: HashedImageColumns, size = columns.size): HashedImages {
    return new HashedImages(columns, size);
  }

  /** Concatenates several lists. Nothing can be added. */
  static joined(lists: readonly HashedImages[]): HashedImages {
    const size = lists.reduce((sum, list) => sum + list.size, 0);
    const joined = HashedImages.of(room(size));
    let at = 0;
    for (const list of lists) {
      joined.#imageIds.set(list.#imageIds.subarray(0, list.size), at);
      joined.#contents.set(list.#contents.subarray(0, list.size), at);
      joined.#hashes.set(list.hashes, 4 * at);
      joined.#known.set(list.known, at);
      at += list.size;
    }
    return joined;
  }

  get columns(): HashedImageColumns {
    const [imageIds, contents] = [this.#imageIds, this.#contents];
    return { size: this.#size, imageIds, contents, hashes: this.#hashes, known: this.#known };
  }

  get size(): number {
    return this.#size;
  }

  /** Four words per image. */
  get hashes(): Uint32Array {
    return this.#hashes.subarray(0, 4 * this.#size);
  }

  /** 1 if the image has a hash. */
  get known(): Uint8Array {
    return this.#known.subarray(0, this.#size);
  }

  /** @returns the number of the image: 0, 1, 2, … */
  add({ imageId, contentHash, hash }: HashedImage): number {
    const entry = this.#size++;
    if (entry === this.#known.length) this.#grow();
    this.#imageIds[entry] = imageId;
    this.#contents[entry] = contentKey(contentHash);
    this.#byContent = null;
    if (hash !== null) {
      this.#known[entry] = 1;
      for (let word = 0; word < 4; word++) this.#hashes[4 * entry + word] = hash[word] as number;
    }
    return entry;
  }

  imageIdOf(entry: number): number {
    return this.#imageIds[entry] as number;
  }

  /** See `contentKey`. */
  contentOf(entry: number): number {
    return this.#contents[entry] as number;
  }

  hashOf(entry: number): PerceptualHash | null {
    if (this.#known[entry] !== 1) return null;
    const word = (index: number): number => this.#hashes[4 * entry + index] as number;
    return [word(0), word(1), word(2), word(3)];
  }

  /** The first image with that content key, or -1. */
  firstOf(content: number): number {
    this.#byContent ??= this.#firstByContent();
    return this.#byContent.get(content) ?? -1;
  }

  #firstByContent(): Map<number, number> {
    const first = new Map<number, number>();
    for (let entry = 0; entry < this.#size; entry++) {
      const content = this.contentOf(entry);
      if (!Number.isNaN(content) && !first.has(content)) first.set(content, entry);
    }
    return first;
  }

  #grow(): void {
    this.#imageIds = larger(new Float64Array(shared(2 * this.#imageIds.byteLength)), this.#imageIds);
    this.#contents = larger(new Float64Array(shared(2 * this.#contents.byteLength)), this.#contents);
    this.#hashes = larger(new Uint32Array(shared(2 * this.#hashes.byteLength)), this.#hashes);
    this.#known = larger(new Uint8Array(shared(2 * this.#known.byteLength)), this.#known);
  }
}

/**
 * 52 bits of the file's hash, to save memory: two of a million files collide once in ten thousand datasets. NaN, which
 * equals nothing, if there is no hash.
 */
export function contentKey(contentHash: string | null): number {
  if (contentHash === null) return Number.NaN;
  const key = hexNumber(contentHash, 0, 5) * 2 ** 32 + hexNumber(contentHash, 5, 13);
  return Number.isNaN(key) ? textKey(contentHash) : key;
}

/** For other strings that identify content. */
function textKey(text: string): number {
  let key = 0;
  for (const letter of text) key = (key * 31 + (letter.codePointAt(0) ?? 0)) % 2 ** 47;
  return key;
}

function room(size: number): HashedImageColumns {
  return {
    size,
    imageIds: new Float64Array(shared(8 * size)),
    contents: new Float64Array(shared(8 * size)),
    hashes: new Uint32Array(shared(16 * size)),
    known: new Uint8Array(shared(size)),
  };
}

const shared = (bytes: number): SharedArrayBuffer => new SharedArrayBuffer(bytes);

function larger<Column extends Float64Array | Uint32Array | Uint8Array>(to: Column, from: Column): Column {
  to.set(from);
  return to;
}
