import type { Connection } from '../database/connection.ts';
import type { ScoreNames } from '../rows/scoreNames.ts';
import { predictionColumns } from '../rows/predictionColumns.ts';
import { deleteSome } from '../repositories/pruning.ts';
import { Row } from '../rows/row.ts';

/** Rows to read, write or delete in one step. A step takes some hundredths of a second and blocks other calls. */
const readStep = 5000;
const writeStep = 10_000;
const atOnce = 50;

/** The values of one score or class, to be written in sorted order. */
interface Series {
  readonly table: 'image_scores' | 'image_classes';
  readonly id: number;
  readonly imageIds: Float64Array;
  readonly values: Float64Array;
}

/** A growing column of numbers. */
class Numbers {
  #values = new Float64Array(1024);
  size = 0;

  push(value: number): void {
    if (this.size === this.#values.length) {
      const larger = new Float64Array(this.#values.length * 2);
      larger.set(this.#values);
      this.#values = larger;
    }
    this.#values[this.size++] = value;
  }

  take(): Float64Array {
    return this.#values.subarray(0, this.size);
  }
}

interface Column {
  readonly imageIds: Numbers;
  readonly values: Numbers;
}

/** Sorts the scores of one version in steps: clears the old index, reads all predictions, writes each sorted series. */
export class IndexBuild {
  readonly #connection: Connection;
  readonly #names: ScoreNames;
  readonly #versionId: number;
  readonly #builder: string;
  readonly #scores = new Map<number, Column>();
  readonly #classes = new Map<number, Column>();
  #phase: 'clear' | 'read' | 'write' = 'clear';
  #after = 0;
  #images = 0;
  #queue: Series[] = [];
  #order: Float64Array = new Float64Array(0);
  #written = 0;

  constructor(connection: Connection, names: ScoreNames, versionId: number, builder: string) {
    this.#connection = connection;
    this.#names = names;
    this.#versionId = versionId;
    this.#builder = builder;
    connection.write(() =>
      connection.run(
        `INSERT OR REPLACE INTO score_indexes (model_version_id, state, builder, images_count, changes_count)
         VALUES (?, 'building', ?, 0, 0)`,
        versionId,
        builder,
      ),
    );
  }

  /** Whether no prediction has changed since the build started. */
  isStillMine(): boolean {
    const value = this.#connection.get('SELECT * FROM score_indexes WHERE model_version_id = ?', this.#versionId);
    return (
      value !== undefined && new Row('score_indexes', value, ['model_version_id']).text('builder') === this.#builder
    );
  }

  /** @returns roughly the number of rows left to read and write; 0 when complete. */
  step(): number {
    if (this.#phase === 'clear') return this.#clear();
    return this.#phase === 'read' ? this.#read() : this.#write();
  }

  #clear(): number {
    const deleted = this.#connection.write(
      () =>
        deleteSome(this.#connection, 'image_scores', 'metric_id, score, image_id', this.#versionId, writeStep) +
        deleteSome(this.#connection, 'image_classes', 'class_id, expected, image_id', this.#versionId, writeStep),
    );
    if (deleted === 0) this.#phase = 'read';
    return 1 + deleted;
  }

  #read(): number {
    const columns = predictionColumns(this.#connection, this.#names, this.#versionId, this.#after, readStep);
    const { imageIds, scores, expected } = columns;
    for (const [name, values] of Object.entries(scores)) {
      const column = columnOf(this.#scores, this.#names.idOf(name));
      for (let row = 0; row < imageIds.length; row++) push(column, imageIds[row] as number, values[row] as number);
    }
    for (let row = 0; row < imageIds.length; row++) {
      for (let at = expected.starts[row] as number; at < (expected.starts[row + 1] as number); at++) {
        const column = columnOf(this.#classes, expected.classIds[at] as number);
        push(column, imageIds[row] as number, expected.counts[at] as number);
      }
    }
    this.#images += imageIds.length;
    this.#after = imageIds.at(-1) ?? this.#after;
    if (imageIds.length < readStep) {
      this.#phase = 'write';
      this.#queue = [...seriesOf(this.#scores, 'image_scores'), ...seriesOf(this.#classes, 'image_classes')];
      this.#scores.clear();
      this.#classes.clear();
    }
    return 1 + this.#left();
  }

  #write(): number {
    const [series] = this.#queue;
    if (series === undefined) return this.#complete();
    if (this.#written === 0) this.#order = descending(series.values);
    const end = Math.min(this.#written + writeStep, this.#order.length);
    this.#connection.write(() => this.#insert(series, this.#written, end));
    this.#written = end;
    if (end === this.#order.length) {
      this.#queue.shift();
      this.#written = 0;
    }
    return 1 + this.#left();
  }

  /** Inserts many rows per statement, because each statement has a high overhead. */
  #insert({ table, id, values, imageIds }: Series, from: number, to: number): void {
    for (let place = from; place < to;) {
      const rows = to - place < atOnce ? 1 : atOnce;
      const parts: number[] = [];
      for (const end = place + rows; place < end; place++) {
        const row = (this.#order[place] as number) % values.length;
        parts.push(this.#versionId, id, values[row] as number, imageIds[row] as number);
      }
      this.#connection.run(`INSERT INTO ${table} VALUES ${Array(rows).fill('(?, ?, ?, ?)').join(', ')}`, ...parts);
    }
  }

  #left(): number {
    return this.#queue.reduce((sum, { values }) => sum + values.length, -this.#written);
  }

  #complete(): number {
    const { changes } = this.#connection.write(() =>
      this.#connection.run(
        `UPDATE score_indexes SET state = 'complete', images_count = ? WHERE model_version_id = ? AND builder = ?`,
        this.#images,
        this.#versionId,
        this.#builder,
      ),
    );
    // If predictions changed between two steps, the next step starts over.
    return changes === 0 ? 1 : 0;
  }
}

function columnOf(columns: Map<number, Column>, id: number): Column {
  let column = columns.get(id);
  if (column === undefined) columns.set(id, (column = { imageIds: new Numbers(), values: new Numbers() }));
  return column;
}

function push({ imageIds, values }: Column, imageId: number, value: number): void {
  if (Number.isNaN(value)) return;
  imageIds.push(imageId);
  values.push(value);
}

function seriesOf(columns: ReadonlyMap<number, Column>, table: Series['table']): Series[] {
  return [...columns]
    .toSorted(([a], [b]) => a - b)
    .map(([id, { imageIds, values }]) => ({ table, id, imageIds: imageIds.take(), values: values.take() }));
}

/**
 * Numbers `rank × size + row` in descending order of the values. Sorting plain numbers takes a tenth of the time of
 * sorting rows with a comparison function. Nearly equal values may be swapped; the table's key restores the exact order.
 */
function descending(values: Float64Array): Float64Array {
  const size = values.length;
  let [least, most] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const value of values) {
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const ranks = Math.floor(2 ** 52 / size) - 1;
  const scale = most > least ? ranks / (most - least) : 0;
  return values.map((value, row) => Math.floor((most - value) * scale) * size + row).toSorted();
}
