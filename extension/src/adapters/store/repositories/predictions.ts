import type { PredictionKey, PredictionRow, PredictionStore } from '../../../workflow/ports/store.ts';
import type { Connection } from '../connection.ts';
import { decodeDetections, encodeDetections } from '../detectionsCodec.ts';
import { scoresSchema, toJson } from '../jsonColumns.ts';
import { Row } from '../row.ts';
import type { Synchronous } from '../synchronous.ts';

function toPrediction(value: unknown): PredictionRow {
  const row = new Row('predictions', value, ['model_version_id', 'image_id']);
  const boxes = row.blob('boxes');
  const boxesCount = row.number('boxes_count');
  const flipped = row.blobOrNull('flipped');
  return {
    imageId: row.number('image_id'),
    contentHash: row.text('content_hash'),
    detections: row.decode('boxes', () => decodeDetections(boxes, boxesCount)),
    ...(flipped === null ? {} : { flipped: row.decode('flipped', () => decodeDetections(flipped, null)) }),
    bestScore: row.number('best_score'),
    scores: row.json('scores', scoresSchema),
    error: row.textOrNull('error'),
    inferenceKey: row.number('inference_key'),
    scoringKey: row.number('scoring_key'),
  };
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

/** `predictions`. */
export function createPredictions(connection: Connection): Synchronous<PredictionStore> {
  return {
    put: (modelVersionId, rows) =>
      connection.write(() => {
        for (const row of rows) {
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
            toJson('scores', row.scores),
            row.error,
            row.detections.length,
            encodeDetections(row.detections),
            row.flipped === undefined ? null : encodeDetections(row.flipped),
            row.inferenceKey,
            row.scoringKey,
          );
        }
      }),
    scoredImageIds: (modelVersionId) =>
      connection
        .all(
          `SELECT images.id AS id FROM predictions JOIN images ON images.id = predictions.image_id
           WHERE predictions.model_version_id = ? AND predictions.content_hash = images.content_hash ORDER BY images.id`,
          modelVersionId,
        )
        .map((value) => new Row('images', value).number('id')),
    keys: (modelVersionId, after, upTo) =>
      connection
        .all(
          `SELECT image_id, inference_key, scoring_key, best_score, error IS NOT NULL AS failed
           FROM predictions JOIN images ON images.id = predictions.image_id
           WHERE model_version_id = ? AND image_id > ? AND image_id <= ?
             AND predictions.content_hash = images.content_hash ORDER BY image_id`,
          modelVersionId,
          after,
          upTo,
        )
        .map(toKey),
    rescore: (modelVersionId, rows) =>
      connection.write(() => {
        for (const { imageId, scores, scoringKey } of rows) {
          connection.run(
            'UPDATE predictions SET scores = ?, scoring_key = ? WHERE model_version_id = ? AND image_id = ?',
            toJson('scores', scores),
            scoringKey,
            modelVersionId,
            imageId,
          );
        }
      }),
    list: (modelVersionId, imageIds) =>
      connection
        .all(
          `SELECT * FROM predictions WHERE model_version_id = ? AND image_id IN (SELECT value FROM json_each(?))
           ORDER BY image_id`,
          modelVersionId,
          JSON.stringify(imageIds),
        )
        .map(toPrediction),
    get: (modelVersionId, imageId) => {
      const value = connection.get(
        'SELECT * FROM predictions WHERE model_version_id = ? AND image_id = ?',
        modelVersionId,
        imageId,
      );
      return value === undefined ? null : toPrediction(value);
    },
    page: (modelVersionId, afterImageId, limit) =>
      connection
        .all(
          'SELECT * FROM predictions WHERE model_version_id = ? AND image_id > ? ORDER BY image_id LIMIT ?',
          modelVersionId,
          afterImageId,
          limit,
        )
        .map(toPrediction),
  };
}
