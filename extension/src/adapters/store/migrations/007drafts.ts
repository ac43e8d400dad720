import type { Migration } from './migration.ts';

/** Unsaved edits of images: a page that is reloaded or dies loses none. */
export const drafts: Migration = {
  version: 7,
  name: 'drafts of edits',
  sql: `
CREATE TABLE drafts (
  session_id INTEGER NOT NULL REFERENCES training_sessions(id) ON DELETE CASCADE,
  image_id INTEGER NOT NULL REFERENCES images(id) ON DELETE CASCADE,
  sample_id INTEGER REFERENCES uncertain_samples(id) ON DELETE CASCADE,
  basis TEXT NOT NULL,
  history TEXT NOT NULL,
  edited INTEGER NOT NULL,
  updated_at TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX drafts_of_samples ON drafts(sample_id) WHERE sample_id IS NOT NULL;
CREATE UNIQUE INDEX drafts_of_images ON drafts(session_id, image_id) WHERE sample_id IS NULL;
CREATE INDEX drafts_by_image ON drafts(image_id);
CREATE INDEX drafts_by_session ON drafts(session_id);
`,
};
