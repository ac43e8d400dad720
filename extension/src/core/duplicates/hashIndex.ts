import { differingBits } from './perceptualHash.ts';

/** The 64 bits by frequencies are looked up in four parts of 16. */
const parts = 4;
const buckets = 1 << 16;
/** Of two buckets with more pairs than these, no pair is looked at. */
const mostPairs = 4096;

/** One part: entries by bucket, ascending within one, with their 64 bits beside them, so that memory is read in a row. */
interface Part {
  readonly starts: Uint32Array;
  readonly entries: Uint32Array;
  readonly words: Uint32Array;
}

/** Which entries count. */
export interface HashSearch {
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
  readonly #entries: number;

  /**
   * @param hashes four words an entry, of which the first two are looked up.
   * @param known 0 for an entry without a hash.
   */
  constructor(hashes: Uint32Array, known: Uint8Array) {
    this.#parts = Array.from({ length: parts }, (_, part) => sorted(hashes, known, part));
    this.#entries = known.length;
  }

  /**
   * Gives the entries that differ in at most `most` (up to 7) of the 64 bits, some of them more than once;
   * those with an equal part first.
   */
  near(
    low: number,
    high: number,
    most: number,
    { before, allowed, patience }: HashSearch,
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

  /**
   * Marks with 1 every entry that differs from an earlier one in at most `most` (up to 7) of the 64 bits, and some others:
   * most entries of a dataset have no such neighbour, and need not be looked up. Goes through the buckets in their order,
   * which takes a small part of the time that looking up every entry would.
   */
  withEarlier(most: number): Uint8Array {
    const marked = new Uint8Array(this.#entries);
    for (const [number, part] of this.#parts.entries()) {
      // Where at most 6 bits differ and no part is equal, two parts differ in one bit: the last part need not be tried.
      const flips = most < parts || (most < 7 && number === parts - 1) ? 0 : 16;
      for (let bucket = 0; bucket < buckets; bucket++) {
        if (part.starts[bucket] === part.starts[bucket + 1]) continue;
        markPairs(part, bucket, bucket, most, marked);
        for (let flip = 0; flip < flips; flip++) {
          // Each two buckets once.
          if ((bucket & (1 << flip)) === 0) markPairs(part, bucket, bucket | (1 << flip), most, marked);
        }
      }
    }
    return marked;
  }
}

/**
 * Marks the later of every two entries of buckets `a` and `b`, which may be the same one, that differ in at most `most` bits;
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
      // Most pairs differ in too many bits of the first word already.
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
