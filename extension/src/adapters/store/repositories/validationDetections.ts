import type {
  ValidationDetections,
  ValidationDetectionsKey,
  ValidationDetectionStore,
} from '../../../workflow/ports/store/validationDetections.ts';
import type { Connection } from '../database/connection.ts';
import { decodeDetections, encodeDetections } from '../rows/detectionsCodec.ts';
import { Row } from '../rows/row.ts';
import type { Synchronous } from '../synchronous.ts';

const table = 'validation_detections';

function toKey(value: unknown): ValidationDetectionsKey {
  const row = new Row(table, value, ['model_version_id', 'image_id']);
  return {
    imageId: row.number('image_id'),
    contentHash: row.text('content_hash'),
    inferenceKey: row.number('inference_key'),
  };
}

function toDetections(value: unknown): ValidationDetections {
  const row = new Row(table, value, ['model_version_id', 'image_id']);
  const boxes = row.blob('boxes');
  const boxesCount = row.number('boxes_count');
  return {
    ...toKey(value),
    detections: row.decode('boxes', () => decodeDetections(boxes, boxesCount)),
    error: row.textOrNull('error'),
  };
}

/** The repository of `validation_detections`. */
export function createValidationDetections(connection: Connection): Synchronous<ValidationDetectionStore> {
  return {
    put: (modelVersionId, rows) =>
      connection.write(() => {
        for (const { imageId, contentHash, inferenceKey, detections, error } of rows) {
          connection.run(
            `INSERT INTO validation_detections
               (model_version_id, image_id, content_hash, inference_key, boxes_count, boxes, error)
             VALUES (?, ?, ?, ?, ?, ?, ?)
             ON CONFLICT (model_version_id, image_id) DO UPDATE SET content_hash = excluded.content_hash,
               inference_key = excluded.inference_key, boxes_count = excluded.boxes_count, boxes = excluded.boxes,
               error = excluded.error`,
            modelVersionId,
            imageId,
            contentHash,
            inferenceKey,
            detections.length,
            encodeDetections(detections),
            error,
          );
        }
      }),
    keys: (modelVersionId) =>
      connection.rows(
        toKey,
        `SELECT model_version_id, image_id, content_hash, inference_key FROM validation_detections
           WHERE model_version_id = ? ORDER BY image_id`,
        modelVersionId,
      ),
    list: (modelVersionId, imageIds) =>
      connection.rows(
        toDetections,
        `SELECT * FROM validation_detections WHERE model_version_id = ?
           AND image_id IN (SELECT value FROM json_each(?)) ORDER BY image_id`,
        modelVersionId,
        JSON.stringify(imageIds),
      ),
  };
}
