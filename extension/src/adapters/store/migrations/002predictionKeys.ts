import type { Migration } from './migration.ts';

/** No key is 0, so older predictions are computed and scored again. */
export const predictionKeys: Migration = {
  version: 2,
  name: 'keys of predictions',
  sql: `
ALTER TABLE predictions ADD COLUMN inference_key INTEGER NOT NULL DEFAULT 0;
ALTER TABLE predictions ADD COLUMN scoring_key INTEGER NOT NULL DEFAULT 0;
ALTER TABLE predictions ADD COLUMN flipped BLOB;
ALTER TABLE uncertain_samples ADD COLUMN withheld TEXT NOT NULL DEFAULT '{}';
`,
};
