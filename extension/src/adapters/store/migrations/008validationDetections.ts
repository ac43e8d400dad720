import type { Migration } from './migration.ts';

/**
 * Keeps the detections of each version on validation images, from which later figures are computed, and records which
 * images a run trains on, so that a version is never asked about an image that it has seen.
 */
export const validationDetections: Migration = {
  version: 8,
  name: 'validation detections',
  sql: `
CREATE TABLE validation_detections (
  model_version_id INTEGER NOT NULL REFERENCES model_versions(id) ON DELETE CASCADE,
  image_id INTEGER NOT NULL REFERENCES images(id) ON DELETE CASCADE,
  content_hash TEXT NOT NULL,
  inference_key INTEGER NOT NULL,
  boxes_count INTEGER NOT NULL,
  boxes BLOB NOT NULL,
  error TEXT,
  UNIQUE (model_version_id, image_id)
) STRICT;
CREATE INDEX validation_detections_by_image ON validation_detections(image_id);

ALTER TABLE runs ADD COLUMN training_images TEXT;
`,
};
