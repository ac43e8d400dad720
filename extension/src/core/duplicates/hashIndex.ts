import { differingBits } from './perceptualHash.ts';

/** The 64 bits by frequencies are looked up in four parts of 16. */
const parts = 4;
const buckets = 1 << 16;

/** One part: entries by bucket, ascending within one, with their 64 bits beside them, so that memory is read in a row. */
interface Part {
  readonly starts: Uint32Array;
  readonly entries: Uint32Array;
  readonly words: Uint32Array;
}

/** Which entries count. */
export interface Search {
  /** Only lower ones. */
  readonly before: number;
  /** 0 for those that do not. */
  readonly allowed?: Uint8Array;
  /** So many are looked at. */
  readonly patience: number;
}

/**
 * Finds hashes whose 64 bits by frequencies differ in few bits, without looking at all of them: where at most 7 differ,
 * one of four parts of 16 bits differs in at most 1 (pigeonhole), so that the 17 buckets around each part hold it
 * (multi-index hashing: Norouzi, Punjani, Fleet 2012).
 */
export class HashIndex {
  readonly #parts: readonly Part[];

  /**
   * @param hashes four words an entry, of which the first two are looked up.
   * @param known 0 for an entry without a hash.
   */
  constructor(hashes: Uint32Array, known: Uint8Array) {
    this.#parts = Array.from({ length: parts }, (_, part) => sorted(hashes, known, part));
  }

  /**
   * Gives the entries that differ in at most `most` (up to 7) of the 64 bits, some of them more than once;
   * those with an equal part first.
   */
  near(
    low: number,
    high: number,
    most: number,
    { before, allowed, patience }: Search,
    visit: (entry: number, bits: number) => void,
  ): void {
    let left = patience;
    // Where fewer bits differ than there are parts, one part is equal.
    const flips = most < parts ? 0 : 16;
    for (let flip = -1; flip < flips; flip++) {
      for (let part = 0; part < parts; part++) {
        const { starts, entries, words } = this.#parts[part] as Part;
        const value = partOf(low, high, part);
        const bucket = flip < 0 ? value : value ^ (1 << flip);
        const end = starts[bucket + 1] as number;
        for (let at = starts[bucket] as number; at < end; at++) {
          const entry = entries[at] as number;
          if (entry >= before) break;
          if (left-- === 0) return;
          if (allowed !== undefined && allowed[entry] === 0) continue;
          const bits = differingBits(words[2 * at] as number, low) + differingBits(words[2 * at + 1] as number, high);
          if (bits <= most) visit(entry, bits);
        }
      }
    }
  }
}

/** A counting sort. */
function sorted(hashes: Uint32Array, known: Uint8Array, part: number): Part {
  const bucketOf = (entry: number): number =>
    partOf(hashes[4 * entry] as number, hashes[4 * entry + 1] as number, part);
  const starts = new Uint32Array(buckets + 1);
  for (let entry = 0; entry < known.length; entry++) {
    if (known[entry] === 1) starts[bucketOf(entry) + 1] = (starts[bucketOf(entry) + 1] as number) + 1;
  }
  for (let bucket = 0; bucket < buckets; bucket++) {
    starts[bucket + 1] = (starts[bucket + 1] as number) + (starts[bucket] as number);
  }
  const count = starts[buckets] as number;
  const entries = new Uint32Array(count);
  const words = new Uint32Array(2 * count);
  const next = starts.slice();
  for (let entry = 0; entry < known.length; entry++) {
    if (known[entry] !== 1) continue;
    const bucket = bucketOf(entry);
    const at = next[bucket] as number;
    next[bucket] = at + 1;
    entries[at] = entry;
    words[2 * at] = hashes[4 * entry] as number;
    words[2 * at + 1] = hashes[4 * entry + 1] as number;
  }
  return { starts, entries, words };
}

function partOf(low: number, high: number, part: number): number {
  const word = part < 2 ? low : high;
  return part % 2 === 0 ? word & 0xffff : word >>> 16;
}
