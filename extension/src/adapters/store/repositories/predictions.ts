import type { PredictionKey, PredictionRow, PredictionStore } from '../../../workflow/ports/store/predictions.ts';
import type { Connection } from '../database/connection.ts';
import { decodeDetections, encodeDetections } from '../rows/detectionsCodec.ts';
import { ScoreNames } from '../rows/scoreNames.ts';
import { predictionColumns } from '../rows/predictionColumns.ts';
import { Row } from '../rows/row.ts';
import { ScoreIndex } from '../scores/scoreIndex.ts';
import { decodeScores, encodeScores } from '../rows/scoresCodec.ts';
import type { Synchronous } from '../synchronous.ts';
import { prunePredictions } from './pruning.ts';

function toPrediction(value: unknown, names: ScoreNames): PredictionRow {
  const row = new Row('predictions', value, ['model_version_id', 'image_id']);
  const boxes = row.blob('boxes');
  const boxesCount = row.number('boxes_count');
  const flipped = row.blobOrNull('flipped');
  const scores = row.blob('scores');
  return {
    imageId: row.number('image_id'),
    contentHash: row.text('content_hash'),
    detections: row.decode('boxes', () => decodeDetections(boxes, boxesCount)),
    ...(flipped === null ? {} : { flipped: row.decode('flipped', () => decodeDetections(flipped, null)) }),
    bestScore: row.number('best_score'),
    scores: row.decode('scores', () => decodeScores(scores, names.nameOf)),
    error: row.textOrNull('error'),
    inferenceKey: row.number('inference_key'),
    scoringKey: row.number('scoring_key'),
  };
}

/** Whether an image waits for labels that no prediction may influence. */
const isBlind = `EXISTS (SELECT 1 FROM uncertain_samples AS sample
  JOIN training_iterations AS iteration ON iteration.id = sample.iteration_id
  WHERE sample.image_id = predictions.image_id AND sample.blind = 1 AND sample.verdict IS NULL
    AND iteration.status <> 'completed')`;

function toShown(value: unknown, names: ScoreNames): PredictionRow {
  const { flipped, ...prediction } = toPrediction(value, names);
  if (new Row('predictions', value, ['model_version_id', 'image_id']).boolean('blind')) {
    return { ...prediction, detections: [] };
  }
  return { ...prediction, ...(flipped === undefined ? {} : { flipped }) };
}

function toKey(value: unknown): PredictionKey {
  const row = new Row('predictions', value, ['image_id']);
  return {
    imageId: row.number('image_id'),
    inferenceKey: row.number('inference_key'),
    scoringKey: row.number('scoring_key'),
    bestScore: row.number('best_score'),
    failed: row.boolean('failed'),
  };
}

/** The repository of `predictions`, `metrics` and the sorted copies of scores. */
export function createPredictions(connection: Connection): Synchronous<PredictionStore> {
  const names = new ScoreNames(connection);
  const index = new ScoreIndex(connection, names);

  const insert = (modelVersionId: number, row: PredictionRow): void => {
    connection.run(
      `INSERT INTO predictions (model_version_id, image_id, content_hash, best_score, scores, error, boxes_count, boxes,
         flipped, inference_key, scoring_key)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (model_version_id, image_id) DO UPDATE SET content_hash = excluded.content_hash,
         best_score = excluded.best_score, scores = excluded.scores, error = excluded.error,
         boxes_count = excluded.boxes_count, boxes = excluded.boxes, flipped = excluded.flipped,
         inference_key = excluded.inference_key, scoring_key = excluded.scoring_key`,
      modelVersionId,
      row.imageId,
      row.contentHash,
      row.bestScore,
      encodeScores(row.scores, names.idOf),
      row.error,
      row.detections.length,
      encodeDetections(row.detections),
      row.flipped === undefined ? null : encodeDetections(row.flipped),
      row.inferenceKey,
      row.scoringKey,
    );
  };

  return {
    put: (modelVersionId, rows) => {
      names.learn(rows.flatMap(({ scores }) => Object.keys(scores)));
      connection.write(() =>
        index.following(modelVersionId, rows, () => {
          for (const row of rows) insert(modelVersionId, row);
        }),
      );
    },
    keys: (modelVersionId, after, upTo) =>
      connection.rows(
        toKey,
        `SELECT image_id, inference_key, scoring_key, best_score, error IS NOT NULL AS failed
           FROM predictions JOIN images ON images.id = predictions.image_id
           WHERE model_version_id = ? AND image_id > ? AND image_id <= ?
             AND predictions.content_hash = images.content_hash ORDER BY image_id`,
        modelVersionId,
        after,
        upTo,
      ),
    rescore: (modelVersionId, rows) => {
      names.learn(rows.flatMap(({ scores }) => Object.keys(scores)));
      connection.write(() =>
        index.following(modelVersionId, rows, () => {
          for (const { imageId, scores, scoringKey } of rows) {
            connection.run(
              'UPDATE predictions SET scores = ?, scoring_key = ? WHERE model_version_id = ? AND image_id = ?',
              encodeScores(scores, names.idOf),
              scoringKey,
              modelVersionId,
              imageId,
            );
          }
        }),
      );
    },
    list: (modelVersionId, imageIds) =>
      connection.rows(
        (value) => toPrediction(value, names),
        `SELECT * FROM predictions WHERE model_version_id = ? AND image_id IN (SELECT value FROM json_each(?))
           ORDER BY image_id`,
        modelVersionId,
        JSON.stringify(imageIds),
      ),
    shown: (modelVersionId, imageIds) =>
      connection.rows(
        (value) => toShown(value, names),
        `SELECT *, ${isBlind} AS blind FROM predictions
           WHERE model_version_id = ? AND image_id IN (SELECT value FROM json_each(?)) ORDER BY image_id`,
        modelVersionId,
        JSON.stringify(imageIds),
      ),
    get: (modelVersionId, imageId) => {
      const value = connection.get(
        `SELECT *, ${isBlind} AS blind FROM predictions WHERE model_version_id = ? AND image_id = ?`,
        modelVersionId,
        imageId,
      );
      return value === undefined ? null : toShown(value, names);
    },
    page: (modelVersionId, afterImageId, limit) =>
      connection.page(
        (value) => toPrediction(value, names),
        limit,
        afterImageId,
        (after, most) => {
          const sql = 'SELECT * FROM predictions WHERE model_version_id = ? AND image_id > ? ORDER BY image_id LIMIT ?';
          const rows = connection.all(sql, modelVersionId, after, most);
          return { rows, last: rows.length === 0 ? after : new Row('predictions', rows.at(-1)).number('image_id') };
        },
      ),
    columns: (modelVersionId, afterImageId, limit) =>
      predictionColumns(connection, names, modelVersionId, afterImageId, limit),
    indexScores: (modelVersionId) => index.build(modelVersionId),
    top: (modelVersionId, metric, limit, after) => index.top(modelVersionId, metric, limit, after),
    byClass: (modelVersionId, classId, limit, after) => index.byClass(modelVersionId, classId, limit, after),
    rank: (modelVersionId, order) => index.rank(modelVersionId, order),
    prune: (sessionId, limit, which = 'shown-no-more') => prunePredictions(connection, sessionId, limit, which),
  };
}
