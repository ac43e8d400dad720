import type { PerceptualHash } from './perceptualHash.ts';

/** A picture as it is compared. */
export interface Picture {
  readonly imageId: number;
  /** SHA-256, hex, of the file. */
  readonly contentHash: string | null;
  readonly hash: PerceptualHash | null;
}

/** A list of pictures in columns: a million of them take some 80 MB. */
export class Pictures {
  #imageIds = new Float64Array(1024);
  #contents = new Float64Array(1024);
  #hashes = new Uint32Array(4096);
  #known = new Uint8Array(1024);
  /** The first picture of each content. */
  readonly #byContent = new Map<number, number>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  /** Four words a picture. */
  get hashes(): Uint32Array {
    return this.#hashes.subarray(0, 4 * this.#size);
  }

  /** 1 where a picture has a hash. */
  get known(): Uint8Array {
    return this.#known.subarray(0, this.#size);
  }

  /** @returns the number of the picture: 0, 1, 2, … */
  add({ imageId, contentHash, hash }: Picture): number {
    const entry = this.#size++;
    if (entry === this.#known.length) this.#grow();
    this.#imageIds[entry] = imageId;
    const content = contentKey(contentHash);
    this.#contents[entry] = content;
    if (!Number.isNaN(content) && !this.#byContent.has(content)) this.#byContent.set(content, entry);
    if (hash !== null) {
      this.#known[entry] = 1;
      this.#hashes.set(hash, 4 * entry);
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

  /** The first picture of that content (a key), or -1. */
  firstOf(content: number): number {
    return this.#byContent.get(content) ?? -1;
  }

  #grow(): void {
    this.#imageIds = larger(new Float64Array(2 * this.#imageIds.length), this.#imageIds);
    this.#contents = larger(new Float64Array(2 * this.#contents.length), this.#contents);
    this.#hashes = larger(new Uint32Array(2 * this.#hashes.length), this.#hashes);
    this.#known = larger(new Uint8Array(2 * this.#known.length), this.#known);
  }
}

/**
 * 52 bits of the file's hash, to save memory: two of a million files share them once in ten thousand datasets. NaN, which
 * is equal to nothing, where there is no hash.
 */
export function contentKey(contentHash: string | null): number {
  if (contentHash === null) return Number.NaN;
  const key = Number(`0x${contentHash.slice(0, 13)}`);
  return Number.isNaN(key) ? textKey(contentHash) : key;
}

/** For whatever else somebody tells contents apart by. */
function textKey(text: string): number {
  let key = 0;
  for (const letter of text) key = (key * 31 + (letter.codePointAt(0) ?? 0)) % 2 ** 47;
  return key;
}

function larger<Column extends Float64Array | Uint32Array | Uint8Array>(to: Column, from: Column): Column {
  to.set(from);
  return to;
}
