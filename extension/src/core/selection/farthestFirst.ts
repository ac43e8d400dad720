import { IndexHeap } from './indexHeap.ts';
import { highestDots, type RowSet, type VectorKernel } from './kernel.ts';

export interface FarthestFirstInput {
  readonly kernel: VectorKernel;
  /** The points to choose from, unit length. */
  readonly points: RowSet;
  /** Rows of the same matrix that count as chosen from the start. */
  readonly references: Int32Array;
  /** Position in `points` of the first choice where there is no reference. Default 0. */
  readonly first?: number;
}

export interface Farthest {
  /** Position in `points.rows`. */
  readonly position: number;
  /** Highest cosine to any reference or earlier choice; -Infinity for the first one without references. */
  readonly nearest: number;
}

/** References that a point is compared with at once. */
const CHUNK = 64;
/** Points that are brought up to date at once; doubled while no choice can be made. */
const LEAST_GROUP = 64;
const MOST_GROUP = 4096;

/**
 * Greedy k-center: always the point that is farthest from everything chosen, ties by position (Gonzalez, 1985; for
 * active learning Sener and Savarese, ICLR 2018). The order is exactly that of the plain algorithm, which updates every
 * point after every choice. A point's nearest cosine can only rise, so that a stale one is a bound: points that cannot be
 * the farthest are left stale (lazy greedy, Minoux, 1978), and most of a large pool is never compared with most references.
 */
export function* farthestFirst({ kernel, points, references, first = 0 }: FarthestFirstInput): Generator<Farthest> {
  const count = points.rows.length;
  if (count === 0) return;
  const chosen = [...references];
  const state = new Progress(kernel, points, chosen);
  let start: number | null = null;
  if (chosen.length === 0) {
    start = first;
    yield { position: first, nearest: -Infinity };
    chosen.push(points.rows[first] ?? 0);
  }
  state.begin(CHUNK);
  const { nearest } = state;
  const farther = (a: number, b: number): boolean => {
    const difference = (nearest[a] as number) - (nearest[b] as number);
    return difference < 0 || (difference === 0 && a < b);
  };
  const positions = Array.from({ length: count }, (_, i) => i).filter((position) => position !== start);
  const heap = new IndexHeap(farther, positions);
  let group = LEAST_GROUP;
  while (heap.size > 0) {
    const top = heap.peek() as number;
    if (state.isComplete(top)) {
      heap.pop();
      group = LEAST_GROUP;
      yield { position: top, nearest: nearest[top] as number };
      chosen.push(points.rows[top] ?? 0);
      continue;
    }
    const stale: number[] = [];
    while (stale.length < group && heap.size > 0 && !state.isComplete(heap.peek() as number)) {
      stale.push(heap.pop() as number);
    }
    state.advance(stale);
    for (const position of stale) heap.push(position);
    group = Math.min(MOST_GROUP, 2 * group);
  }
}

/** How far each point has been compared with the growing list of what is chosen. */
class Progress {
  readonly nearest: Float32Array;
  readonly #kernel: VectorKernel;
  readonly #points: RowSet;
  readonly #chosen: readonly number[];
  readonly #seen: Int32Array;

  constructor(kernel: VectorKernel, points: RowSet, chosen: readonly number[]) {
    this.#kernel = kernel;
    this.#points = points;
    this.#chosen = chosen;
    this.nearest = new Float32Array(points.rows.length).fill(-Infinity);
    this.#seen = new Int32Array(points.rows.length);
  }

  isComplete(position: number): boolean {
    return this.#seen[position] === this.#chosen.length;
  }

  /** Compares all points with the first ones of the list. */
  begin(count: number): void {
    const rows = Int32Array.from(this.#chosen.slice(0, count));
    this.nearest.set(highestDots(this.#kernel, this.#points, { ...this.#points, rows }));
    this.#seen.fill(rows.length);
  }

  /** Compares each of these points with the next chunk that it has not seen. */
  advance(positions: readonly number[]): void {
    const groups = new Map<number, number[]>();
    for (const position of positions) {
      const seen = this.#seen[position] as number;
      const group = groups.get(seen);
      if (group) group.push(position);
      else groups.set(seen, [position]);
    }
    for (const [seen, group] of groups) {
      const next = Int32Array.from(this.#chosen.slice(seen, seen + CHUNK));
      const rows = Int32Array.from(group, (position) => this.#points.rows[position] ?? 0);
      const highest = highestDots(this.#kernel, { ...this.#points, rows }, { ...this.#points, rows: next });
      for (const [i, position] of group.entries()) {
        if ((highest[i] as number) > (this.nearest[position] as number)) this.nearest[position] = highest[i] as number;
        this.#seen[position] = seen + next.length;
      }
    }
  }
}
