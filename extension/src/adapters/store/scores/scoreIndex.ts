import { randomUUID } from 'node:crypto';
import type { PredictionRow, ScoredImage, ScoreIndexProgress } from '../../../workflow/ports/store/predictions.ts';
import type { Connection } from '../database/connection.ts';
import type { ScoreNames } from '../rows/scoreNames.ts';
import { ClassSums, predictionColumns } from '../rows/predictionColumns.ts';
import { Row } from '../rows/row.ts';
import { IndexBuild } from './scoreIndexBuild.ts';
import { eachScore } from '../rows/scoresCodec.ts';

/** So many images may change (or a fiftieth of all) before sorting all again is quicker than keeping the order. */
const fewChanges = 1000;
const fewShare = 0.02;

const chunk = 10_000;

/**
 * `image_scores` and `image_classes`: the scores of a version in their order. They are written sorted, once a pool is
 * scored: kept in order with every chunk of a scoring, they would cost fifteen times as much. Few later changes are
 * followed; after many, or in the middle of a scoring, there is no index, and a look at all predictions gives the same.
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

  /** One step towards an index. Starts over if another process changed predictions meanwhile. */
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

  /** Runs `change`, which replaces predictions of these images, inside a transaction, and keeps the index true. */
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

  /** The highest scores of a metric first, among equal ones the lower image id, from after `after` on. */
  top(modelVersionId: number, metric: string, limit: number, after?: ScoredImage): ScoredImage[] {
    const metricId = this.#names.find(metric);
    if (metricId === null) return [];
    if (this.#state(modelVersionId)?.complete !== true) {
      const found: ScoredImage[] = [];
      this.#scan(modelVersionId, ({ imageIds, scores }) => {
        scores[metric]?.forEach((score, row) => found.push({ imageId: imageIds[row] as number, score }));
      });
      return best(found, limit, after);
    }
    return this.#connection
      .all(
        `SELECT image_id, score FROM image_scores WHERE model_version_id = ? AND metric_id = ? AND score <= ?
           AND (score < ? OR image_id > ?) ORDER BY score DESC, image_id LIMIT ?`,
        modelVersionId,
        metricId,
        ...cursor(after),
        limit,
      )
      .map((value) => toScored('image_scores', value));
  }

  /** Images with the most expected objects of a class first, in the same way. */
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

/** What stands in the place of `score <= ? AND (score < ? OR image_id > ?)`: everything if there is no `after`. */
function cursor(after: ScoredImage | undefined): [number, number, number] {
  return after === undefined ? [1e300, 1e300, -1] : [after.score, after.score, after.imageId];
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
