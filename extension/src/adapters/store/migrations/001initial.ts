import type { Migration } from './migration.ts';

/** docs/database.md explains every table and column; a test compares the two. */
export const initialSchema: Migration = {
  version: 1,
  name: 'initial schema',
  sql: `
CREATE TABLE datasets (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  source TEXT NOT NULL,
  class_names TEXT NOT NULL,
  created_at TEXT NOT NULL
) STRICT;

CREATE TABLE dataset_roots (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
  path TEXT NOT NULL,
  kind TEXT NOT NULL,
  UNIQUE (dataset_id, path)
) STRICT;

CREATE TABLE images (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
  root_id INTEGER NOT NULL REFERENCES dataset_roots(id) ON DELETE CASCADE,
  relative_path TEXT NOT NULL,
  content_hash TEXT,
  label_hash TEXT,
  width INTEGER,
  height INTEGER,
  split TEXT NOT NULL,
  state TEXT NOT NULL,
  capture_group TEXT,
  size INTEGER NOT NULL,
  mtime_ms REAL NOT NULL,
  problem TEXT,
  UNIQUE (root_id, relative_path)
) STRICT;
CREATE INDEX images_by_dataset ON images(dataset_id, id);

CREATE TABLE validation_revisions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  dataset_id INTEGER NOT NULL REFERENCES datasets(id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (dataset_id, number)
) STRICT;

CREATE TABLE validation_revision_members (
  revision_id INTEGER NOT NULL REFERENCES validation_revisions(id) ON DELETE CASCADE,
  image_id INTEGER NOT NULL REFERENCES images(id) ON DELETE CASCADE,
  label_hash TEXT NOT NULL,
  PRIMARY KEY (revision_id, image_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX validation_revision_members_by_image ON validation_revision_members(image_id);

CREATE TABLE training_sessions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL UNIQUE,
  description TEXT NOT NULL,
  dataset_id INTEGER NOT NULL REFERENCES datasets(id),
  base_model TEXT NOT NULL,
  epochs INTEGER NOT NULL,
  batch_size ANY NOT NULL,
  learning_rate REAL NOT NULL,
  image_size INTEGER NOT NULL,
  max_iterations INTEGER NOT NULL,
  min_uncertainty REAL NOT NULL,
  max_samples_per_iteration INTEGER NOT NULL,
  uncertainty_weights TEXT NOT NULL,
  strategy TEXT NOT NULL,
  settings TEXT NOT NULL,
  seed INTEGER NOT NULL,
  status TEXT NOT NULL,
  current_iteration INTEGER NOT NULL,
  best_map50 REAL,
  best_map50_95 REAL,
  created_at TEXT NOT NULL,
  started_at TEXT,
  completed_at TEXT
) STRICT;
CREATE INDEX training_sessions_by_dataset ON training_sessions(dataset_id);

CREATE TABLE training_iterations (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id INTEGER NOT NULL REFERENCES training_sessions(id) ON DELETE CASCADE,
  iteration_number INTEGER NOT NULL,
  status TEXT NOT NULL,
  resume_from TEXT,
  error TEXT,
  training_images_count INTEGER,
  training_boxes_count INTEGER,
  validation_images_count INTEGER,
  validation_revision_id INTEGER REFERENCES validation_revisions(id),
  map50 REAL,
  map50_95 REAL,
  precision REAL,
  recall REAL,
  loss REAL,
  model_path TEXT,
  weights_path TEXT,
  training_time_seconds REAL,
  scoring_time_seconds REAL,
  run_id TEXT,
  started_at TEXT NOT NULL,
  completed_at TEXT,
  UNIQUE (session_id, iteration_number)
) STRICT;
CREATE INDEX training_iterations_by_revision ON training_iterations(validation_revision_id);

CREATE TABLE uncertain_samples (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  iteration_id INTEGER NOT NULL REFERENCES training_iterations(id) ON DELETE CASCADE,
  image_id INTEGER NOT NULL REFERENCES images(id) ON DELETE CASCADE,
  rank INTEGER NOT NULL,
  uncertainty_score REAL,
  confidence_variance REAL,
  entropy_score REAL,
  combined_score REAL,
  scores TEXT NOT NULL,
  predicted_boxes TEXT NOT NULL,
  max_confidence REAL,
  min_confidence REAL,
  reasons TEXT NOT NULL,
  verdict TEXT,
  review_seconds REAL,
  reviewed_at TEXT,
  reviewed INTEGER GENERATED ALWAYS AS (verdict IS NOT NULL) VIRTUAL,
  accepted INTEGER GENERATED ALWAYS AS (verdict IS 'accepted') VIRTUAL,
  corrected INTEGER GENERATED ALWAYS AS (verdict IS 'corrected') VIRTUAL,
  rejected INTEGER GENERATED ALWAYS AS (verdict IS NOT NULL AND substr(verdict, 1, 9) = 'rejected-') VIRTUAL,
  UNIQUE (iteration_id, image_id)
) STRICT;
CREATE INDEX uncertain_samples_by_rank ON uncertain_samples(iteration_id, rank);
CREATE INDEX uncertain_samples_by_image ON uncertain_samples(image_id);
CREATE INDEX uncertain_samples_open ON uncertain_samples(image_id) WHERE verdict IS NULL;

CREATE TABLE model_versions (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  session_id INTEGER NOT NULL REFERENCES training_sessions(id) ON DELETE CASCADE,
  iteration_id INTEGER NOT NULL REFERENCES training_iterations(id) ON DELETE CASCADE,
  version_number INTEGER NOT NULL,
  model_path TEXT NOT NULL,
  weights_path TEXT NOT NULL,
  performance_metrics TEXT NOT NULL,
  is_active INTEGER NOT NULL DEFAULT 0,
  is_best INTEGER NOT NULL DEFAULT 0,
  model_size_mb REAL NOT NULL,
  label_snapshot TEXT NOT NULL,
  lineage TEXT NOT NULL,
  created_at TEXT NOT NULL,
  UNIQUE (session_id, version_number)
) STRICT;
CREATE INDEX model_versions_by_iteration ON model_versions(iteration_id);
CREATE UNIQUE INDEX model_versions_active ON model_versions(session_id) WHERE is_active = 1;
CREATE UNIQUE INDEX model_versions_best ON model_versions(session_id) WHERE is_best = 1;

CREATE TABLE predictions (
  model_version_id INTEGER NOT NULL REFERENCES model_versions(id) ON DELETE CASCADE,
  image_id INTEGER NOT NULL REFERENCES images(id) ON DELETE CASCADE,
  content_hash TEXT NOT NULL,
  best_score REAL NOT NULL,
  scores TEXT NOT NULL,
  error TEXT,
  boxes_count INTEGER NOT NULL,
  boxes BLOB NOT NULL,
  UNIQUE (model_version_id, image_id)
) STRICT;
CREATE INDEX predictions_by_image ON predictions(image_id);

CREATE TABLE label_events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  image_id INTEGER NOT NULL REFERENCES images(id) ON DELETE CASCADE,
  sample_id INTEGER REFERENCES uncertain_samples(id) ON DELETE SET NULL,
  cause TEXT NOT NULL,
  "before" TEXT,
  "after" TEXT,
  verdict_before TEXT,
  verdict_after TEXT,
  state_before TEXT NOT NULL,
  state_after TEXT NOT NULL,
  state TEXT NOT NULL,
  owner TEXT NOT NULL,
  created_at TEXT NOT NULL,
  ended_at TEXT,
  undoes INTEGER REFERENCES label_events(id) ON DELETE SET NULL
) STRICT;
CREATE INDEX label_events_by_image ON label_events(image_id, id);
CREATE INDEX label_events_by_sample ON label_events(sample_id);
CREATE INDEX label_events_pending ON label_events(image_id) WHERE state = 'pending';
CREATE INDEX label_events_undoes ON label_events(undoes) WHERE undoes IS NOT NULL;

CREATE TABLE runs (
  id TEXT PRIMARY KEY NOT NULL,
  session_id INTEGER NOT NULL REFERENCES training_sessions(id) ON DELETE CASCADE,
  iteration_id INTEGER NOT NULL REFERENCES training_iterations(id) ON DELETE CASCADE,
  job TEXT NOT NULL,
  state TEXT NOT NULL,
  lease TEXT,
  folder TEXT NOT NULL,
  label_snapshot TEXT,
  last_sequence INTEGER NOT NULL DEFAULT 0,
  created_at TEXT NOT NULL
) STRICT;
CREATE INDEX runs_by_session ON runs(session_id);
CREATE INDEX runs_by_iteration ON runs(iteration_id);

CREATE TABLE metric_series (
  run_id TEXT NOT NULL REFERENCES runs(id) ON DELETE CASCADE,
  sequence INTEGER NOT NULL,
  epoch INTEGER NOT NULL,
  name TEXT NOT NULL,
  value REAL,
  PRIMARY KEY (run_id, sequence, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE leases (
  name TEXT PRIMARY KEY NOT NULL,
  lease TEXT NOT NULL,
  acquired_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
};
