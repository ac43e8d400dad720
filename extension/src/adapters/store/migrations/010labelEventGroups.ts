import type { Migration } from './migration.ts';

/** Verdicts that were given together are undone together. */
export const labelEventGroups: Migration = {
  version: 10,
  name: 'groups of label events',
  sql: `
ALTER TABLE label_events ADD COLUMN group_id TEXT;
CREATE INDEX label_events_by_group ON label_events(group_id) WHERE group_id IS NOT NULL;
`,
};
