/** Turns a session database into one of schema version 5: what later migrations added goes. */
export const toVersion5 = `
  DROP TABLE folder_ids;
  DROP TABLE drafts;
  DROP TABLE validation_detections;
  ALTER TABLE runs DROP COLUMN training_images;
  ALTER TABLE training_iterations DROP COLUMN shown_thresholds;
  DROP INDEX label_events_by_group;
  ALTER TABLE label_events DROP COLUMN group_id;
  DROP INDEX blind_samples;
  ALTER TABLE uncertain_samples DROP COLUMN blind;
  ALTER TABLE datasets DROP COLUMN validation_drawn;
  PRAGMA user_version = 5;
`;
