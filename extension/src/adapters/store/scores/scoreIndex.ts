import { randomUUID } from 'node:crypto';
import type {
  PredictionRow,
  RankedImages,
  ScoredImage,
  ScoreIndexProgress,
  ScoreOrder,
} from '../../../workflow/ports/store/predictions.ts';
import type { Connection } from '../database/connection.ts';
import type { ScoreNames } from '../rows/scoreNames.ts';
import { ClassSums, predictionColumns } from '../rows/predictionColumns.ts';
import { Row } from '../rows/row.ts';
import { IndexBuild } from './scoreIndexBuild.ts';
import { eachScore } from '../rows/scoresCodec.ts';

/** Above this many changed images (or a fiftieth of all), sorting again is faster than updating the order. */
const fewChanges = 1000;
const fewShare = 0.02;

const chunk = 10_000;

/**
 * The tables `image_scores` and `image_classes`: the sorted scores of a version. They are written after a pool is
 * scored; updating them with every chunk would take fifteen times as long. Few later changes update them. After many
 * changes, or during scoring, there is no index, and a scan of all predictions gives the same result.
 */
export class ScoreIndex {
  readonly #connection: Connection;
  readonly #names: ScoreNames;
  readonly #builds = new Map<number, IndexBuild>();
  readonly #sums = new ClassSums();

  constructor(connection: Connection, names: ScoreNames) {
    this.#connection = connection;
    this.#names = names;
  }

  /** Runs one step of building the index. Starts over if another process changed predictions meanwhile. */
  build(modelVersionId: number): ScoreIndexProgress {
    if (this.#state(modelVersionId)?.complete === true) return { left: 0 };
    let build = this.#builds.get(modelVersionId);
    if (build === undefined || !build.isStillMine()) {
      build = new IndexBuild(this.#connection, this.#names, modelVersionId, randomUUID());
      this.#builds.set(modelVersionId, build);
    }
    const left = build.step();
    if (left === 0) this.#builds.delete(modelVersionId);
    return { left };
  }

  /** Runs `change`, which replaces predictions of these images, in a transaction, and updates the index. */
  following(modelVersionId: number, rows: readonly Pick<PredictionRow, 'imageId'>[], change: () => void): void {
    const state = this.#state(modelVersionId);
    const few = Math.max(fewChanges, (state?.images ?? 0) * fewShare);
    const follows = state !== null && state.complete && state.changes + rows.length <= few;
    if (!follows) {
      if (state !== null) {
        this.#connection.run('DELETE FROM score_indexes WHERE model_version_id = ?', modelVersionId);
      }
      change();
      return;
    }
    for (const { imageId } of rows) this.#each(modelVersionId, imageId, 'remove');
    change();
    for (const { imageId } of rows) this.#each(modelVersionId, imageId, 'add');
    this.#connection.run(
      'UPDATE score_indexes SET changes_count = changes_count + ? WHERE model_version_id = ?',
      rows.length,
      modelVersionId,
    );
  }

  /** Images by descending score, then ascending id, starting after `after`. */
  top(modelVersionId: number, name: string, limit: number, after?: ScoredImage): ScoredImage[] {
    const scoreId = this.#names.find(name);
    if (scoreId === null) return [];
    if (this.#state(modelVersionId)?.complete !== true) {
      const found: ScoredImage[] = [];
      this.#scan(modelVersionId, ({ imageIds, scores }) => {
        scores[name]?.forEach((score, row) => found.push({ imageId: imageIds[row] as number, score }));
      });
      return best(found, limit, after);
    }
    return this.#connection
      .all(
        `SELECT image_id, score FROM image_scores WHERE model_version_id = ? AND metric_id = ? AND score <= ?
           AND (score < ? OR image_id > ?) ORDER BY score DESC, image_id LIMIT ?`,
        modelVersionId,
        scoreId,
        ...cursor(after),
        limit,
      )
      .map((value) => toScored('image_scores', value));
  }

  /** Images by descending expected number of objects of a class, then ascending id, starting after `after`. */
  byClass(modelVersionId: number, classId: number, limit: number, after?: ScoredImage): ScoredImage[] {
    if (this.#state(modelVersionId)?.complete !== true) {
      const found: ScoredImage[] = [];
      this.#scan(modelVersionId, ({ imageIds, expected }) => {
        for (let row = 0; row < imageIds.length; row++) {
          for (let at = expected.starts[row] as number; at < (expected.starts[row + 1] as number); at++) {
            if (expected.classIds[at] !== classId) continue;
            found.push({ imageId: imageIds[row] as number, score: expected.counts[at] as number });
          }
        }
      });
      return best(found, limit, after);
    }
    return this.#connection
      .all(
        `SELECT image_id, expected AS score FROM image_classes WHERE model_version_id = ? AND class_id = ? AND expected <= ?
           AND (expected < ? OR image_id > ?) ORDER BY expected DESC, image_id LIMIT ?`,
        modelVersionId,
        classId,
        ...cursor(after),
        limit,
      )
      .map((value) => toScored('image_classes', value));
  }

  /** All images by descending score or expected number of objects, then ascending id. */
  rank(modelVersionId: number, order: ScoreOrder): RankedImages {
    if (this.#state(modelVersionId)?.complete !== true) {
      const all = Number.MAX_SAFE_INTEGER;
      const found =
        order.kind === 'score'
          ? this.top(modelVersionId, order.metric, all)
          : this.byClass(modelVersionId, order.classId, all);
      return ranked(
        found.length,
        found.map(({ imageId, score }) => [imageId, score]),
      );
    }
    const key = order.kind === 'score' ? this.#names.find(order.metric) : order.classId;
    if (key === null) return ranked(0, []);
    const rows = this.#connection.lists(
      order.kind === 'score'
        ? 'SELECT image_id, score FROM image_scores WHERE model_version_id = ? AND metric_id = ? ORDER BY score DESC, image_id'
        : 'SELECT image_id, expected FROM image_classes WHERE model_version_id = ? AND class_id = ? ORDER BY expected DESC, image_id',
      modelVersionId,
      key,
    );
    return ranked(rows.length, rows);
  }

  #state(modelVersionId: number): { complete: boolean; images: number; changes: number } | null {
    const value = this.#connection.get('SELECT * FROM score_indexes WHERE model_version_id = ?', modelVersionId);
    if (value === undefined) return null;
    const row = new Row('score_indexes', value, ['model_version_id']);
    return {
      complete: row.text('state') === 'complete',
      images: row.number('images_count'),
      changes: row.number('changes_count'),
    };
  }

  #scan(modelVersionId: number, visit: (columns: ReturnType<typeof predictionColumns>) => void): void {
    for (let after = 0; ;) {
      const columns = predictionColumns(this.#connection, this.#names, modelVersionId, after, chunk);
      visit(columns);
      const last = columns.imageIds.at(-1);
      if (last === undefined || columns.imageIds.length < chunk) return;
      after = last;
    }
  }

  #each(modelVersionId: number, imageId: number, doing: 'add' | 'remove'): void {
    const value = this.#connection.get(
      'SELECT model_version_id, image_id, scores, boxes FROM predictions WHERE model_version_id = ? AND image_id = ?',
      modelVersionId,
      imageId,
    );
    if (value === undefined) return;
    const row = new Row('predictions', value, ['model_version_id', 'image_id']);
    const [scores, classes] =
      doing === 'add'
        ? ['INSERT INTO image_scores VALUES (?, ?, ?, ?)', 'INSERT INTO image_classes VALUES (?, ?, ?, ?)']
        : [
            'DELETE FROM image_scores WHERE model_version_id = ? AND metric_id = ? AND score = ? AND image_id = ?',
            'DELETE FROM image_classes WHERE model_version_id = ? AND class_id = ? AND expected = ? AND image_id = ?',
          ];
    const scoreBytes = row.blob('scores');
    const boxes = row.blob('boxes');
    row.decode('scores', () =>
      eachScore(scoreBytes, (id, score) => this.#connection.run(scores, modelVersionId, id, score, imageId)),
    );
    row.decode('boxes', () => this.#sums.read(boxes));
    for (const [i, classId] of this.#sums.classIds.entries()) {
      this.#connection.run(classes, modelVersionId, classId, Math.fround(this.#sums.sums[i] as number), imageId);
    }
  }
}

/** The values for `score <= ? AND (score < ? OR image_id > ?)`, which matches all rows if there is no `after`. */
function cursor(after: ScoredImage | undefined): [number, number, number] {
  return after === undefined ? [1e300, 1e300, -1] : [after.score, after.score, after.imageId];
}

/** In shared memory, so that the store's thread sends the columns without a copy. */
function ranked(size: number, rows: Iterable<readonly unknown[]>): RankedImages {
  const imageIds = new Float64Array(new SharedArrayBuffer(8 * size));
  const values = new Float64Array(new SharedArrayBuffer(8 * size));
  let at = 0;
  for (const [imageId, value] of rows) {
    imageIds[at] = Number(imageId);
    values[at++] = Number(value);
  }
  return { imageIds, values };
}

function toScored(table: string, value: unknown): ScoredImage {
  const row = new Row(table, value, ['image_id']);
  return { imageId: row.number('image_id'), score: row.number('score') };
}

function best(found: readonly ScoredImage[], limit: number, after: ScoredImage | undefined): ScoredImage[] {
  const [upTo, below, beyond] = cursor(after);
  return found
    .filter(({ score, imageId }) => score <= upTo && (score < below || imageId > beyond))
    .toSorted((a, b) => b.score - a.score || a.imageId - b.imageId)
    .slice(0, limit);
}
