import type { Migration } from './migration.ts';

/** NULL until the next scan reads the image again. */
export const perceptualHashes: Migration = {
  version: 3,
  name: 'what images look like',
  sql: `ALTER TABLE images ADD COLUMN perceptual_hash TEXT;`,
};
