import type { Migration } from './migration.ts';

/** Keeps with each batch from which confidence on its predictions are shown; NULL for batches from before. */
export const shownThresholds: Migration = {
  version: 9,
  name: 'shown thresholds',
  sql: 'ALTER TABLE training_iterations ADD COLUMN shown_thresholds TEXT;',
};
