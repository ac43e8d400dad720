import { SelectionError } from './errors.ts';

/** One image that may be chosen. */
export interface Candidate {
  readonly imageId: number;
  /** Score by metric id, 0…1; a metric without an honest value for the image is no key. */
  readonly scores: Readonly<Record<string, number>>;
  /** Whether the model found anything with a confidence of 0.05 or more. */
  readonly hasDetections: boolean;
  /** Best score of any box, also below 0.05. */
  readonly bestScore: number;
  /** Expected objects by class id: the sum of the boxes' scores of a class. Absent without a model. */
  readonly expectedByClass?: readonly number[];
}

/** Expected objects of every image, only the classes that it has any of: image i owns `starts[i]` up to `starts[i + 1]`. */
export interface ExpectedBoxes {
  readonly starts: Uint32Array;
  /** Ascending within an image. */
  readonly classIds: Int32Array;
  /** Above 0. */
  readonly counts: Float32Array;
}

/**
 * All candidates in columns: a million of them are a few arrays and no objects, and lie in shared memory, so that a
 * thread sees them without a copy. The order is always ascending by image id, whatever order they were found in.
 */
export interface CandidateTable {
  readonly size: number;
  /** Ascending, each once. */
  readonly imageIds: Float64Array;
  /** Column by metric id; NaN where the image has no honest value. */
  readonly scores: Readonly<Record<string, Float64Array>>;
  /** 1 where the model found anything with a confidence of 0.05 or more. */
  readonly hasDetections: Uint8Array;
  /** Best score of any box, also below 0.05. */
  readonly bestScores: Float64Array;
  readonly expected: ExpectedBoxes;
}

/**
 * The columns of all candidates.
 * @throws SelectionError `duplicate-candidate`.
 */
export function candidateTable(candidates: Iterable<Candidate>): CandidateTable {
  const builder = new CandidateTableBuilder();
  for (const candidate of candidates) builder.add(candidate);
  return builder.build();
}

const FIRST_CAPACITY = 1024;

/** Collects candidates one by one, so that a page of the database at a time becomes columns. */
export class CandidateTableBuilder {
  #size = 0;
  #entries = 0;
  #imageIds = new Float64Array(FIRST_CAPACITY);
  #hasDetections = new Uint8Array(FIRST_CAPACITY);
  #bestScores = new Float64Array(FIRST_CAPACITY);
  #starts = new Uint32Array(FIRST_CAPACITY + 1);
  #classIds = new Int32Array(FIRST_CAPACITY);
  #counts = new Float32Array(FIRST_CAPACITY);
  readonly #scores = new Map<string, Float64Array>();

  add({ imageId, scores, hasDetections, bestScore, expectedByClass = [] }: Candidate): void {
    const at = this.#size++;
    if (this.#size > this.#imageIds.length) this.#grow();
    this.#imageIds[at] = imageId;
    this.#hasDetections[at] = hasDetections ? 1 : 0;
    this.#bestScores[at] = bestScore;
    for (const [name, score] of Object.entries(scores)) this.#column(name)[at] = score;
    for (let classId = 0; classId < expectedByClass.length; classId++) {
      const count = expectedByClass[classId] ?? 0;
      if (count > 0) this.#expect(classId, count);
    }
    this.#starts[at + 1] = this.#entries;
  }

  /** @throws SelectionError `duplicate-candidate`. */
  build(): CandidateTable {
    const order = this.#order();
    const column = (from: Float64Array): Float64Array => shared(Float64Array, this.#size, (i) => from[order(i)] ?? 0);
    const starts = new Uint32Array(new SharedArrayBuffer(4 * (this.#size + 1)));
    const classIds = new Int32Array(new SharedArrayBuffer(4 * this.#entries));
    const counts = new Float32Array(new SharedArrayBuffer(4 * this.#entries));
    for (let i = 0; i < this.#size; i++) {
      const from = this.#starts[order(i)] ?? 0;
      const to = this.#starts[order(i) + 1] ?? 0;
      const at = starts[i] ?? 0;
      classIds.set(this.#classIds.subarray(from, to), at);
      counts.set(this.#counts.subarray(from, to), at);
      starts[i + 1] = at + to - from;
    }
    return {
      size: this.#size,
      imageIds: column(this.#imageIds),
      scores: Object.fromEntries([...this.#scores].map(([name, values]) => [name, column(values)])),
      hasDetections: shared(Uint8Array, this.#size, (i) => this.#hasDetections[order(i)] ?? 0),
      bestScores: column(this.#bestScores),
      expected: { starts, classIds, counts },
    };
  }

  /** Where the i-th smallest image id stands; sorting is needed only where they did not come in order. */
  #order(): (i: number) => number {
    const ids = this.#imageIds;
    let ascending = true;
    for (let i = 1; i < this.#size && ascending; i++) ascending = (ids[i - 1] ?? 0) < (ids[i] ?? 0);
    if (ascending) return (i) => i;
    const order = Uint32Array.from({ length: this.#size }, (_, i) => i);
    order.sort((a, b) => (ids[a] ?? 0) - (ids[b] ?? 0));
    for (let i = 1; i < this.#size; i++) {
      const id = ids[order[i] ?? 0];
      if (id !== ids[order[i - 1] ?? 0]) continue;
      throw new SelectionError(
        'duplicate-candidate',
        `Image ${id} is twice among the candidates.`,
        'Please report this with the log.',
      );
    }
    return (i) => order[i] ?? 0;
  }

  #column(name: string): Float64Array {
    let column = this.#scores.get(name);
    if (column === undefined) {
      column = new Float64Array(this.#imageIds.length).fill(Number.NaN);
      this.#scores.set(name, column);
    }
    return column;
  }

  #expect(classId: number, count: number): void {
    const at = this.#entries++;
    if (this.#entries > this.#classIds.length) {
      this.#classIds = copied(new Int32Array(2 * this.#classIds.length), this.#classIds);
      this.#counts = copied(new Float32Array(2 * this.#counts.length), this.#counts);
    }
    this.#classIds[at] = classId;
    this.#counts[at] = count;
  }

  #grow(): void {
    const capacity = 2 * this.#imageIds.length;
    this.#imageIds = copied(new Float64Array(capacity), this.#imageIds);
    this.#hasDetections = copied(new Uint8Array(capacity), this.#hasDetections);
    this.#bestScores = copied(new Float64Array(capacity), this.#bestScores);
    this.#starts = copied(new Uint32Array(capacity + 1), this.#starts);
    for (const [name, column] of this.#scores) {
      this.#scores.set(name, copied(new Float64Array(capacity).fill(Number.NaN), column));
    }
  }
}

/** The score of each candidate by that metric; NaN for all where nobody has it. */
export function scoreColumn(pool: CandidateTable, name: string): Float64Array {
  return Object.hasOwn(pool.scores, name)
    ? (pool.scores[name] ?? new Float64Array())
    : new Float64Array(pool.size).fill(Number.NaN);
}

function copied<T extends { set(from: T): void }>(to: T, from: T): T {
  to.set(from);
  return to;
}

function shared<T extends Float64Array | Uint8Array>(
  type: { new (buffer: SharedArrayBuffer): T; readonly BYTES_PER_ELEMENT: number },
  size: number,
  value: (i: number) => number,
): T {
  const array = new type(new SharedArrayBuffer(size * type.BYTES_PER_ELEMENT));
  for (let i = 0; i < size; i++) array[i] = value(i);
  return array;
}
