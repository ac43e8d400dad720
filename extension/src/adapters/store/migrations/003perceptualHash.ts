import type { Migration } from './migration.ts';

/** NULL until the image is read again: the next scan does so. */
export const perceptualHashes: Migration = {
  version: 3,
  name: 'what images look like',
  sql: `ALTER TABLE images ADD COLUMN perceptual_hash TEXT;`,
};
