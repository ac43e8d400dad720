import type { Migration } from './migration.ts';

/**
 * Stores scores as bytes, puts frequently read columns before large ones, and adds sorted copies of the scores. SQL
 * cannot convert JSON to those bytes: older predictions keep their boxes, and are scored again because their key is 0.
 */
export const scoreIndex: Migration = {
  version: 4,
  name: 'sorted scores',
  sql: `
CREATE TABLE predictions_now (
  model_version_id INTEGER NOT NULL REFERENCES model_versions(id) ON DELETE CASCADE,
  image_id INTEGER NOT NULL REFERENCES images(id) ON DELETE CASCADE,
  content_hash TEXT NOT NULL,
  inference_key INTEGER NOT NULL,
  scoring_key INTEGER NOT NULL,
  best_score REAL NOT NULL,
  scores BLOB NOT NULL,
  error TEXT,
  boxes_count INTEGER NOT NULL,
  boxes BLOB NOT NULL,
  flipped BLOB,
  UNIQUE (model_version_id, image_id)
) STRICT;
INSERT INTO predictions_now SELECT model_version_id, image_id, content_hash, inference_key, 0, best_score, x'', error,
  boxes_count, boxes, flipped FROM predictions ORDER BY model_version_id, image_id;
DROP TABLE predictions;
ALTER TABLE predictions_now RENAME TO predictions;
CREATE INDEX predictions_by_image ON predictions(image_id);

CREATE TABLE metrics (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;

CREATE TABLE score_indexes (
  model_version_id INTEGER PRIMARY KEY NOT NULL REFERENCES model_versions(id) ON DELETE CASCADE,
  state TEXT NOT NULL,
  builder TEXT NOT NULL,
  images_count INTEGER NOT NULL,
  changes_count INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE image_scores (
  model_version_id INTEGER NOT NULL REFERENCES model_versions(id) ON DELETE CASCADE,
  metric_id INTEGER NOT NULL,
  score REAL NOT NULL,
  image_id INTEGER NOT NULL,
  PRIMARY KEY (model_version_id, metric_id, score DESC, image_id)
) STRICT, WITHOUT ROWID;

CREATE TABLE image_classes (
  model_version_id INTEGER NOT NULL REFERENCES model_versions(id) ON DELETE CASCADE,
  class_id INTEGER NOT NULL,
  expected REAL NOT NULL,
  image_id INTEGER NOT NULL,
  PRIMARY KEY (model_version_id, class_id, expected DESC, image_id)
) STRICT, WITHOUT ROWID;
`,
};
