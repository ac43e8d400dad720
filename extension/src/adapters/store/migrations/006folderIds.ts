import type { Migration } from './migration.ts';

/** Random ids by which users' records identify this database (SECURITY.md): a different file at its path has none. */
export const folderIds: Migration = {
  version: 6,
  name: 'folder ids',
  sql: `
CREATE TABLE folder_ids (
  id TEXT PRIMARY KEY NOT NULL,
  added_at TEXT NOT NULL
) STRICT, WITHOUT ROWID;
`,
};
