import type { PredictionColumns } from '../../../workflow/ports/store/predictions.ts';
import type { Connection } from '../database/connection.ts';
import { eachClassScore } from './detectionsCodec.ts';
import type { ScoreNames } from './scoreNames.ts';
import { Row } from './row.ts';
import { eachScore } from './scoresCodec.ts';

/** The columns of the query, by position. */
type ColumnValues = readonly [
  imageId: number,
  best: number,
  count: number,
  failed: number,
  scoresLength: number,
  hex: string,
];

/** Sums of one image by class. Reused for all images to avoid garbage collection. */
export class ClassSums {
  readonly classIds: number[] = [];
  readonly sums: number[] = [];

  /** Sums the class scores of encoded boxes by class, in ascending order of classes. @throws RangeError. */
  read(boxes: Uint8Array): void {
    this.classIds.length = 0;
    this.sums.length = 0;
    eachClassScore(boxes, this.#add);
  }

  readonly #add = (classId: number, score: number): void => {
    let at = this.classIds.length;
    while (at > 0 && (this.classIds[at - 1] as number) >= classId) at--;
    if (this.classIds[at] === classId) this.sums[at] = (this.sums[at] as number) + score;
    else {
      this.classIds.splice(at, 0, classId);
      this.sums.splice(at, 0, score);
    }
  };
}

/**
 * Up to `limit` predictions of images with ids above `after`, in columns. A damaged prediction counts as failed.
 */
export function predictionColumns(
  connection: Connection,
  names: ScoreNames,
  modelVersionId: number,
  after: number,
  limit: number,
): PredictionColumns {
  // Query both blobs as one hex text: creating a JavaScript blob takes several times as long, even with the parsing.
  const lists = connection.lists(
    `SELECT image_id, best_score, boxes_count, error IS NOT NULL, length(scores), hex(scores) || hex(boxes) FROM predictions
     WHERE model_version_id = ? AND image_id > ? ORDER BY image_id LIMIT ?`,
    modelVersionId,
    after,
    limit,
  ) as unknown as readonly ColumnValues[];
  const size = lists.length;
  // Shared memory, so that the store's thread sends them without a copy.
  const imageIds = new Float64Array(new SharedArrayBuffer(8 * size));
  const bestScores = new Float64Array(new SharedArrayBuffer(8 * size));
  const boxCounts = new Uint32Array(new SharedArrayBuffer(4 * size));
  const failedRows = new Uint8Array(new SharedArrayBuffer(size));
  const starts = new Uint32Array(new SharedArrayBuffer(4 * (size + 1)));
  const scores: Float64Array[] = [];
  const classIds: number[] = [];
  const counts: number[] = [];
  const sums = new ClassSums();
  let bytes = Buffer.alloc(4096);
  let row = 0;
  const putScore = (scoreId: number, score: number): void => {
    const column = (scores[scoreId] ??= new Float64Array(new SharedArrayBuffer(8 * size)).fill(Number.NaN));
    column[row] = score;
  };
  for (const [imageId, best, count, failed, scoresLength, hex] of lists) {
    imageIds[row] = imageId;
    bestScores[row] = best;
    boxCounts[row] = count;
    failedRows[row] = failed;
    const length = hex.length / 2;
    if (bytes.length < length) bytes = Buffer.alloc(2 * length);
    bytes.write(hex, 'hex');
    let column = 'scores';
    let isWhole = true;
    try {
      eachScore(bytes.subarray(0, scoresLength), putScore);
      column = 'boxes';
      sums.read(bytes.subarray(scoresLength, length));
    } catch (error) {
      const key = { model_version_id: modelVersionId, image_id: imageId };
      // A damaged row counts as an image that could not be scored.
      connection.unlessCorrupt(() =>
        new Row('predictions', key, Object.keys(key)).decode(column, () => {
          throw error;
        }),
      );
      isWhole = false;
      failedRows[row] = 1;
      for (const values of scores) if (values !== undefined) values[row] = Number.NaN;
    }
    const seen = isWhole ? sums.classIds.length : 0;
    for (let i = 0; i < seen; i++) {
      classIds.push(sums.classIds[i] as number);
      counts.push(sums.sums[i] as number);
    }
    starts[++row] = classIds.length;
  }
  return {
    imageIds,
    bestScores,
    boxCounts,
    failed: failedRows,
    scores: Object.fromEntries(scores.flatMap((column, id) => [[names.nameOf(id), column]] as const)),
    expected: { starts, classIds: Int32Array.from(classIds), counts: Float32Array.from(counts) },
  };
}
