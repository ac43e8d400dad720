import type { Migration } from './migration.ts';

/** Stores label files as bytes, since a text column alters invalid UTF-8. Existing contents stay bit-identical. */
export const labelBytes: Migration = {
  version: 5,
  name: 'label files as bytes',
  sql: `
ALTER TABLE label_events RENAME COLUMN "before" TO before_text;
ALTER TABLE label_events RENAME COLUMN "after" TO after_text;
ALTER TABLE label_events ADD COLUMN "before" BLOB;
ALTER TABLE label_events ADD COLUMN "after" BLOB;
UPDATE label_events SET "before" = CAST(before_text AS BLOB), "after" = CAST(after_text AS BLOB);
ALTER TABLE label_events DROP COLUMN before_text;
ALTER TABLE label_events DROP COLUMN after_text;
`,
};
