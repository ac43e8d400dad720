import type { PerceptualHash } from './perceptualHash.ts';

/** The 64 bits by frequencies are looked up in four parts of 16. */
const parts = 4;
const buckets = 1 << 16;

/**
 * Finds hashes whose 64 bits by frequencies differ in at most 7, without looking at all of them: one of four parts of 16
 * bits then differs in at most 1 (pigeonhole), so that the 17 buckets around each part hold every one of them
 * (multi-index hashing: Norouzi, Punjani, Fleet 2012).
 */
export class HashIndex {
  /** First entry of a bucket, by part; then the next entry of the same bucket. -1 ends the chain. */
  readonly #heads = new Int32Array(parts * buckets).fill(-1);
  #next = new Int32Array(parts * 1024);
  #size = 0;
  /** Query in which an entry was last given, so that it is given once. */
  #given = new Int32Array(1024);
  #query = 0;

  get size(): number {
    return this.#size;
  }

  /** @returns the number of the entry: 0, 1, 2, … */
  add(hash: PerceptualHash): number {
    const entry = this.#size++;
    if (entry === this.#given.length) this.#grow();
    for (let part = 0; part < parts; part++) {
      const bucket = part * buckets + partOf(hash, part);
      this.#next[entry * parts + part] = this.#heads[bucket] as number;
      this.#heads[bucket] = entry;
    }
    return entry;
  }

  /** Entries that may be near, each once, until `visit` returns false. All that are within 7 bits are among them. */
  near(hash: PerceptualHash, visit: (entry: number) => boolean): void {
    this.#query++;
    for (let part = 0; part < parts; part++) {
      const value = partOf(hash, part);
      for (let flip = -1; flip < 16; flip++) {
        const bucket = part * buckets + (flip < 0 ? value : value ^ (1 << flip));
        let entry = this.#heads[bucket] as number;
        for (; entry >= 0; entry = this.#next[entry * parts + part] as number) {
          if (this.#given[entry] === this.#query) continue;
          this.#given[entry] = this.#query;
          if (!visit(entry)) return;
        }
      }
    }
  }

  #grow(): void {
    const next = new Int32Array(this.#next.length * 2);
    next.set(this.#next);
    this.#next = next;
    const given = new Int32Array(this.#given.length * 2);
    given.set(this.#given);
    this.#given = given;
  }
}

function partOf(hash: PerceptualHash, part: number): number {
  const word = part < 2 ? hash[0] : hash[1];
  return part % 2 === 0 ? word & 0xffff : word >>> 16;
}
