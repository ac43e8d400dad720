import type { PredictionColumns } from '../../workflow/ports/store/predictions.ts';
import type { Connection } from './connection.ts';
import { eachClassScore } from './detectionsCodec.ts';
import type { MetricNames } from './metricNames.ts';
import { Row } from './row.ts';
import { eachScore } from './scoresCodec.ts';

/** Lists of `columnsSql`, by place. */
type ColumnValues = readonly [imageId: number, best: number, count: number, failed: number, Uint8Array, Uint8Array];

/** Sums of one image by class; reused, so that a million images make no garbage. */
export class ClassSums {
  readonly classIds: number[] = [];
  readonly sums: number[] = [];

  /** The boxes' class scores of `encodeDetections`, summed by class, classes ascending. @throws RangeError. */
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
 * The predictions of images above `after`, at most `limit`, in columns.
 * @throws StoreError `corrupt-row`.
 */
export function predictionColumns(
  connection: Connection,
  names: MetricNames,
  modelVersionId: number,
  after: number,
  limit: number,
): PredictionColumns {
  const lists = connection.lists(
    `SELECT image_id, best_score, boxes_count, error IS NOT NULL, scores, boxes FROM predictions
     WHERE model_version_id = ? AND image_id > ? ORDER BY image_id LIMIT ?`,
    modelVersionId,
    after,
    limit,
  ) as unknown as readonly ColumnValues[];
  const size = lists.length;
  const columns = {
    imageIds: new Float64Array(size),
    bestScores: new Float64Array(size),
    boxCounts: new Uint32Array(size),
    failed: new Uint8Array(size),
  };
  const scores = new Map<number, Float64Array>();
  const starts = new Uint32Array(size + 1);
  const classIds: number[] = [];
  const counts: number[] = [];
  const sums = new ClassSums();
  for (const [index, [imageId, best, count, failed, scoreBytes, boxes]] of lists.entries()) {
    columns.imageIds[index] = imageId;
    columns.bestScores[index] = best;
    columns.boxCounts[index] = count;
    columns.failed[index] = failed;
    checked(modelVersionId, imageId, 'scores', () =>
      eachScore(scoreBytes, (metricId, score) => {
        let column = scores.get(metricId);
        if (column === undefined) scores.set(metricId, (column = new Float64Array(size).fill(Number.NaN)));
        column[index] = score;
      }),
    );
    checked(modelVersionId, imageId, 'boxes', () => sums.read(boxes));
    for (let i = 0; i < sums.classIds.length; i++) {
      classIds.push(sums.classIds[i] as number);
      counts.push(sums.sums[i] as number);
    }
    starts[index + 1] = classIds.length;
  }
  return {
    ...columns,
    scores: Object.fromEntries([...scores].map(([id, column]) => [names.nameOf(id), column])),
    expected: { starts, classIds: Int32Array.from(classIds), counts: Float32Array.from(counts) },
  };
}

/** @throws StoreError `corrupt-row` where `work` throws a RangeError. */
function checked(modelVersionId: number, imageId: number, column: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    const row = new Row('predictions', { model_version_id: modelVersionId, image_id: imageId }, [
      'model_version_id',
      'image_id',
    ]);
    row.decode(column, () => {
      throw error;
    });
  }
}
