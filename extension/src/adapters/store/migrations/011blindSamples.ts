import type { Migration } from './migration.ts';

/** Samples that are labelled without predictions, and datasets whose validation set the product has drawn. */
export const blindSamples: Migration = {
  version: 11,
  name: 'blind samples',
  sql: `
ALTER TABLE uncertain_samples ADD COLUMN blind INTEGER NOT NULL DEFAULT 0 CHECK (blind IN (0, 1));
CREATE INDEX blind_samples ON uncertain_samples(image_id) WHERE blind = 1;
ALTER TABLE datasets ADD COLUMN validation_drawn INTEGER NOT NULL DEFAULT 0 CHECK (validation_drawn IN (0, 1));
`,
};
