import type { Migration } from './migration.ts';

/** The random ids by which users' records know this database (SECURITY.md): another file at its path holds none of them. */
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
