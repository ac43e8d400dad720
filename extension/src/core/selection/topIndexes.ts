import { IndexHeap } from './indexHeap.ts';

/**
 * The indexes with the highest values, highest first, ties by index, without NaN and without those that are not
 * `eligible`. Takes O(n log count) time without sorting all n, so a million values take milliseconds.
 */
export function topIndexes(
  values: Float64Array,
  count: number,
  eligible: (index: number) => boolean = () => true,
): number[] {
  if (count < 1) return [];
  const worse = (a: number, b: number): boolean => {
    const difference = (values[a] as number) - (values[b] as number);
    return difference < 0 || (difference === 0 && a > b);
  };
  // The worst of the kept ones is on top.
  const heap = new IndexHeap(worse);
  for (let i = 0; i < values.length; i++) {
    if (Number.isNaN(values[i])) continue;
    if (heap.size === count && !worse(heap.peek() as number, i)) continue;
    if (!eligible(i)) continue;
    if (heap.size < count) heap.push(i);
    else heap.replaceTop(i);
  }
  return heap.items().toSorted((a, b) => (worse(a, b) ? 1 : -1));
}

/** Counts the numbers below a value: sorts once, then uses bisection. */
export class RankTable {
  readonly #sorted: Float64Array;

  constructor(values: Float64Array) {
    this.#sorted = values.filter((value) => !Number.isNaN(value)).toSorted();
  }

  get count(): number {
    return this.#sorted.length;
  }

  below(value: number): number {
    let low = 0;
    let high = this.#sorted.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#sorted[middle] as number) < value) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
