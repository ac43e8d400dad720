import { SelectionError } from './errors.ts';

/** An image that may be selected. */
export interface Candidate {
  readonly imageId: number;
  /** Values by score id, 0…1; a score without a valid value for the image is missing. */
  readonly scores: Readonly<Record<string, number>>;
  /** Whether any detection has a confidence of at least 0.05. */
  readonly hasDetections: boolean;
  /** Best score of any box, also below 0.05. */
  readonly bestScore: number;
  /** Expected objects by class id: the sum of the class scores of all boxes. Undefined without a model. */
  readonly expectedByClass?: readonly number[];
}

/** Expected objects of every image, without classes of value 0: image i owns `starts[i]` up to `starts[i + 1]`. */
export interface ExpectedBoxes {
  readonly starts: Uint32Array;
  /** Ascending within an image. */
  readonly classIds: Int32Array;
  /** Above 0. */
  readonly counts: Float32Array;
}

/**
 * All candidates in columns: a million of them are a few arrays instead of objects, in shared memory that threads read
 * without a copy. The order is always ascending by image id, independent of the order in which they were added.
 */
export interface CandidateTable {
  readonly size: number;
  /** Ascending and unique. */
  readonly imageIds: Float64Array;
  /** Column by score id; NaN if the image has no valid value. */
  readonly scores: Readonly<Record<string, Float64Array>>;
  /** 1 if any detection has a confidence of at least 0.05. */
  readonly hasDetections: Uint8Array;
  /** Best score of any box, also below 0.05. */
  readonly bestScores: Float64Array;
  readonly expected: ExpectedBoxes;
}

/** Predictions of images in columns; row i of each belongs to `imageIds[i]`. */
export interface ScoredColumns {
  readonly imageIds: Float64Array;
  readonly bestScores: Float64Array;
  /** Number of boxes with a confidence of at least 0.05. */
  readonly boxCounts: Uint32Array;
  /** By score id; NaN if the image has no valid value. */
  readonly scores: Readonly<Record<string, Float64Array>>;
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
/** Initial capacity of classes per image; it grows if needed. */
const CLASSES_AN_IMAGE = 2;

/**
 * Collects candidates one by one, so that pages of the database become columns. With the right capacity and ordered
 * candidates nothing is copied, so no step takes long however many there are.
 */
export class CandidateTableBuilder {
  #size = 0;
  #entries = 0;
  #capacity: number;
  #imageIds: Float64Array;
  #hasDetections: Uint8Array;
  #bestScores: Float64Array;
  #starts: Uint32Array;
  #classIds: Int32Array;
  #counts: Float32Array;
  readonly #scores = new Map<string, Float64Array>();

  /** @param capacity the expected number of candidates. */
  constructor(capacity = FIRST_CAPACITY) {
    this.#capacity = Math.max(1, capacity);
    this.#imageIds = shared(Float64Array, this.#capacity);
    this.#hasDetections = shared(Uint8Array, this.#capacity);
    this.#bestScores = shared(Float64Array, this.#capacity);
    this.#starts = shared(Uint32Array, this.#capacity + 1);
    this.#classIds = shared(Int32Array, CLASSES_AN_IMAGE * this.#capacity);
    this.#counts = shared(Float32Array, CLASSES_AN_IMAGE * this.#capacity);
  }

  add({ imageId, scores, hasDetections, bestScore, expectedByClass = [] }: Candidate): void {
    const at = this.#size++;
    if (this.#size > this.#capacity) this.#grow();
    this.#imageIds[at] = imageId;
    this.#hasDetections[at] = hasDetections ? 1 : 0;
    this.#bestScores[at] = bestScore;
    for (const name in scores) if (!this.#scores.has(name)) this.#addColumn(name, at);
    for (const [name, column] of this.#scores) column[at] = scores[name] ?? Number.NaN;
    for (let classId = 0; classId < expectedByClass.length; classId++) {
      const count = expectedByClass[classId] ?? 0;
      if (count > 0) this.#expect(classId, count);
    }
    this.#starts[at + 1] = this.#entries;
  }

  /** Adds one row of columns without creating an object. */
  addRow({ imageIds, bestScores, boxCounts, scores, expected }: ScoredColumns, row: number): void {
    const at = this.#size++;
    if (this.#size > this.#capacity) this.#grow();
    this.#imageIds[at] = imageIds[row] as number;
    this.#hasDetections[at] = (boxCounts[row] as number) > 0 ? 1 : 0;
    this.#bestScores[at] = bestScores[row] as number;
    for (const name in scores) if (!this.#scores.has(name)) this.#addColumn(name, at);
    for (const [name, column] of this.#scores) column[at] = scores[name]?.[row] ?? Number.NaN;
    for (let i = expected.starts[row] as number; i < (expected.starts[row + 1] as number); i++) {
      if ((expected.counts[i] as number) > 0)
        this.#expect(expected.classIds[i] as number, expected.counts[i] as number);
    }
    this.#starts[at + 1] = this.#entries;
  }

  /** The columns; do not use the builder afterwards. @throws SelectionError `duplicate-candidate`. */
  build(): CandidateTable {
    const size = this.#size;
    const order = this.#order();
    const { starts, classIds, counts } = this.#expected(order);
    return {
      size,
      imageIds: inOrder(Float64Array, this.#imageIds, size, order),
      scores: Object.fromEntries(
        [...this.#scores].map(([name, column]) => [name, inOrder(Float64Array, column, size, order)]),
      ),
      hasDetections: inOrder(Uint8Array, this.#hasDetections, size, order),
      bestScores: inOrder(Float64Array, this.#bestScores, size, order),
      expected: { starts, classIds, counts },
    };
  }

  /** Positions in ascending order of the image ids; null if they were added in order, as a database returns them. */
  #order(): Uint32Array | null {
    const ids = this.#imageIds;
    let ascending = true;
    for (let i = 1; i < this.#size && ascending; i++) ascending = (ids[i - 1] as number) < (ids[i] as number);
    if (ascending) return null;
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
    return order;
  }

  #expected(order: Uint32Array | null): ExpectedBoxes {
    if (order === null) {
      return {
        starts: this.#starts.subarray(0, this.#size + 1),
        classIds: this.#classIds.subarray(0, this.#entries),
        counts: this.#counts.subarray(0, this.#entries),
      };
    }
    const starts = shared(Uint32Array, this.#size + 1);
    const classIds = shared(Int32Array, this.#entries);
    const counts = shared(Float32Array, this.#entries);
    for (const [i, place] of order.entries()) {
      const from = this.#starts[place] ?? 0;
      const to = this.#starts[place + 1] ?? 0;
      const at = starts[i] ?? 0;
      classIds.set(this.#classIds.subarray(from, to), at);
      counts.set(this.#counts.subarray(from, to), at);
      starts[i + 1] = at + to - from;
    }
    return { starts, classIds, counts };
  }

  /** The first value of a score. */
  #addColumn(name: string, before: number): void {
    this.#scores.set(name, shared(Float64Array, this.#capacity).fill(Number.NaN, 0, before));
  }

  #expect(classId: number, count: number): void {
    const at = this.#entries++;
    if (this.#entries > this.#classIds.length) {
      this.#classIds = copied(shared(Int32Array, 2 * this.#classIds.length), this.#classIds);
      this.#counts = copied(shared(Float32Array, 2 * this.#counts.length), this.#counts);
    }
    this.#classIds[at] = classId;
    this.#counts[at] = count;
  }

  #grow(): void {
    this.#capacity *= 2;
    this.#imageIds = copied(shared(Float64Array, this.#capacity), this.#imageIds);
    this.#hasDetections = copied(shared(Uint8Array, this.#capacity), this.#hasDetections);
    this.#bestScores = copied(shared(Float64Array, this.#capacity), this.#bestScores);
    this.#starts = copied(shared(Uint32Array, this.#capacity + 1), this.#starts);
    for (const [name, column] of this.#scores) {
      this.#scores.set(name, copied(shared(Float64Array, this.#capacity), column));
    }
  }
}

/** The value of that score for each candidate; NaN for all if none has it. */
export function scoreColumn(pool: CandidateTable, name: string): Float64Array {
  return Object.hasOwn(pool.scores, name)
    ? (pool.scores[name] ?? new Float64Array())
    : new Float64Array(pool.size).fill(Number.NaN);
}

function copied<T extends { set(from: T): void }>(to: T, from: T): T {
  to.set(from);
  return to;
}

function shared<T>(
  type: { new (buffer: SharedArrayBuffer): T; readonly BYTES_PER_ELEMENT: number },
  length: number,
): T {
  return new type(new SharedArrayBuffer(length * type.BYTES_PER_ELEMENT));
}

function inOrder<T extends Float64Array | Uint8Array>(
  type: { new (buffer: SharedArrayBuffer): T; readonly BYTES_PER_ELEMENT: number },
  column: T,
  size: number,
  order: Uint32Array | null,
): T {
  if (order === null) return column.subarray(0, size) as T;
  const result = shared(type, size);
  for (let i = 0; i < size; i++) result[i] = column[order[i] as number] as number;
  return result;
}
