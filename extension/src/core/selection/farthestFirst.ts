import { IndexHeap } from './indexHeap.ts';
import { highestDots, type RowSet, type VectorKernel } from './kernel.ts';
import { ReferenceGroups } from './referenceGroups.ts';

export interface FarthestFirstInput {
  readonly kernel: VectorKernel;
  /** The points to select from, unit length. */
  readonly points: RowSet;
  /** Rows of the same matrix that count as selected from the start. */
  readonly references: Int32Array;
  /** Position in `points` of the first selection if there are no references. Default 0. */
  readonly first?: number;
}

export interface Farthest {
  /** Position in `points.rows`. */
  readonly position: number;
  /** Highest cosine to any reference or earlier choice; -Infinity for the first one without references. */
  readonly nearest: number;
}

/** Points that are updated together; doubled while no selection is possible. */
const LEAST_GROUP = 64;
const MOST_GROUP = 4096;
/** Selections that a point is compared with together. */
const CHUNK = 64;

/**
 * Greedy k-center: always selects the point that is farthest from everything selected, ties by position (Gonzalez,
 * 1985; for active learning Sener and Savarese, ICLR 2018). The order is exactly that of the plain algorithm, which
 * updates every point after every selection. A point's nearest cosine can only rise, so an outdated one is a bound:
 * points that cannot be the farthest are not updated (lazy greedy, Minoux, 1978), and most of a large pool is never
 * compared with most references.
 */
export function* farthestFirst({ kernel, points, references, first = 0 }: FarthestFirstInput): Generator<Farthest> {
  const count = points.rows.length;
  if (count === 0) return;
  const state = new Progress(kernel, points, references);
  let start: number | null = null;
  if (references.length === 0) {
    start = first;
    yield { position: first, nearest: -Infinity };
    state.choose(first);
  }
  const { nearest } = state;
  const positions = Array.from({ length: count }, (_, i) => i).filter((position) => position !== start);
  state.advance(positions);
  const farther = (a: number, b: number): boolean => {
    const difference = (nearest[a] as number) - (nearest[b] as number);
    return difference < 0 || (difference === 0 && a < b);
  };
  const heap = new IndexHeap(farther, positions);
  let group = LEAST_GROUP;
  while (heap.size > 0) {
    const top = heap.peek() as number;
    if (state.isComplete(top)) {
      heap.pop();
      group = LEAST_GROUP;
      yield { position: top, nearest: nearest[top] as number };
      state.choose(top);
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

/** How many references, and then selections, each point has been compared with. */
class Progress {
  /** By position: highest cosine of all comparisons so far, a bound for the rest. */
  readonly nearest: Float32Array;
  readonly #kernel: VectorKernel;
  readonly #points: RowSet;
  readonly #references: ReferenceGroups;
  readonly #chosen: number[] = [];
  /** By position: number of selections that it was compared with. */
  readonly #seen: Int32Array;

  constructor(kernel: VectorKernel, points: RowSet, references: Int32Array) {
    this.#kernel = kernel;
    this.#points = points;
    this.#references = new ReferenceGroups(kernel, points, references);
    this.nearest = new Float32Array(points.rows.length).fill(-Infinity);
    this.#seen = new Int32Array(points.rows.length);
  }

  choose(position: number): void {
    this.#chosen.push(this.#points.rows[position] as number);
  }

  isComplete(position: number): boolean {
    return this.#seen[position] === this.#chosen.length && this.#references.isDone(position);
  }

  /** Compares each of these points with its next group of references, or with the next selections. */
  advance(positions: readonly number[]): void {
    const steps = new Map<number, number[]>();
    for (const position of positions) {
      const next = this.#references.next(position);
      // Values below 0 count groups of references, others count selections.
      const step = next === null ? (this.#seen[position] as number) : -1 - next;
      const list = steps.get(step);
      if (list) list.push(position);
      else steps.set(step, [position]);
    }
    for (const [step, list] of steps) {
      const next =
        step < 0 ? this.#references.rows(-1 - step) : Int32Array.from(this.#chosen.slice(step, step + CHUNK));
      const rows = new Int32Array(list.length);
      for (let i = 0; i < list.length; i++) rows[i] = this.#points.rows[list[i] as number] as number;
      const highest = highestDots(this.#kernel, { ...this.#points, rows }, { ...this.#points, rows: next });
      for (let i = 0; i < list.length; i++) {
        const position = list[i] as number;
        if ((highest[i] as number) > (this.nearest[position] as number)) this.nearest[position] = highest[i] as number;
        if (step < 0) this.#references.visit(position, -1 - step);
        else this.#seen[position] = step + next.length;
      }
    }
  }
}
