import { differingBits } from './perceptualHash.ts';

/** The index covers the 64 frequency bits in four parts of 16. */
const parts = 4;
const buckets = 1 << 16;
/** If two buckets have more pairs than this, none of them is compared. */
const mostPairs = 4096;

/** One part: entries by bucket, ascending within each, with their 64 bits beside them for sequential reads. */
interface Part {
  readonly starts: Uint32Array;
  readonly entries: Uint32Array;
  readonly words: Uint32Array;
}

/** Which entries count. */
export interface HashSearch {
  /** Only entries with lower numbers. */
  readonly before: number;
  /** 0 for entries that do not count. */
  readonly allowed?: Uint8Array;
  /** Maximum number of comparisons. */
  readonly patience: number;
}

/**
 * Finds hashes whose 64 frequency bits differ in few bits without comparing all of them. If at most 7 bits differ, one
 * of four parts of 16 bits differs in at most 1 (pigeonhole), so the 17 buckets around each part contain it (multi-
 * index hashing: Norouzi, Punjani, Fleet 2012).
 */
export class HashIndex {
  readonly #parts: readonly Part[];
  readonly #entries: number;

  /**
   * @param hashes four words per entry; the first two are indexed.
   * @param known 0 for an entry without a hash.
   */
  constructor(hashes: Uint32Array, known: Uint8Array) {
    this.#parts = Array.from({ length: parts }, (_, part) => sorted(hashes, known, part));
    this.#entries = known.length;
  }

  /**
   * Returns the entries that differ in at most `most` (up to 7) of the 64 bits, some of them repeatedly; those with an
   * equal part first.
   */
  near(
    low: number,
    high: number,
    most: number,
    { before, allowed, patience }: HashSearch,
    visit: (entry: number, bits: number) => void,
  ): void {
    let left = patience;
    // If fewer bits differ than there are parts, one part is equal.
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

  /**
   * Marks with 1 every entry that differs from an earlier one in at most `most` (up to 7) of the 64 bits, and some
   * others. Most entries of a dataset have no such neighbour and need no search. Reading the buckets in order takes a
   * fraction of the time of searching for every entry.
   */
  withEarlier(most: number): Uint8Array {
    const marked = new Uint8Array(this.#entries);
    for (const [number, part] of this.#parts.entries()) {
      // If at most 6 bits differ and no part is equal, two parts differ in one bit each, so the last part can be
      // skipped.
      const flips = most < parts || (most < 7 && number === parts - 1) ? 0 : 16;
      for (let bucket = 0; bucket < buckets; bucket++) {
        if (part.starts[bucket] === part.starts[bucket + 1]) continue;
        markPairs(part, bucket, bucket, most, marked);
        for (let flip = 0; flip < flips; flip++) {
          // Each pair of buckets once.
          if ((bucket & (1 << flip)) === 0) markPairs(part, bucket, bucket | (1 << flip), most, marked);
        }
      }
    }
    return marked;
  }
}

/**
 * Marks the later of every two entries of buckets `a` and `b`, which may be the same, that differ in at most `most`
 * bits; marks all entries if there are too many pairs to compare.
 * all entries, where there are too many pairs to look at.
 */
function markPairs({ starts, entries, words }: Part, a: number, b: number, most: number, marked: Uint8Array): void {
  const [fromA, toA] = [starts[a] as number, starts[a + 1] as number];
  const [fromB, toB] = [starts[b] as number, starts[b + 1] as number];
  if ((toA - fromA) * (toB - fromB) > mostPairs) {
    for (let i = fromA; i < toA; i++) marked[entries[i] as number] = 1;
    for (let i = fromB; i < toB; i++) marked[entries[i] as number] = 1;
    return;
  }
  for (let i = fromA; i < toA; i++) {
    const low = words[2 * i] as number;
    const high = words[2 * i + 1] as number;
    for (let j = a === b ? i + 1 : fromB; j < toB; j++) {
      // Most pairs already differ in too many bits of the first word.
      const bits = differingBits(words[2 * j] as number, low);
      if (bits > most || bits + differingBits(words[2 * j + 1] as number, high) > most) continue;
      marked[Math.max(entries[i] as number, entries[j] as number)] = 1;
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
