import type { Connection } from '../database/connection.ts';
import { Row } from '../rows/row.ts';

/** This many of the newest versions keep their predictions, besides the active and the best one. */
const newestKept = 2;

const tables = [
  { table: 'image_scores', key: 'metric_id, score, image_id' },
  { table: 'image_classes', key: 'class_id, expected, image_id' },
  { table: 'predictions', key: 'image_id' },
] as const;
/** Detections on validation images stay as long as their version: every later figure reads them. */
const allTables = [...tables, { table: 'validation_detections', key: 'image_id' }] as const;

/** Versions that are neither active nor best nor among the two newest. The product no longer shows them. */
const shownNoMore = `SELECT id FROM model_versions AS version WHERE session_id = ? AND is_active = 0 AND is_best = 0
  AND version_number <= (SELECT max(version_number) FROM model_versions WHERE session_id = version.session_id)
    - ${newestKept} ORDER BY id`;
const every = 'SELECT id FROM model_versions WHERE session_id = ? ORDER BY id';

/**
 * Deletes up to `limit` predictions of outdated versions of the session.
 * @returns the number of deleted rows; 0 if none are left.
 */
export function prunePredictions(
  connection: Connection,
  sessionId: number,
  limit: number,
  which: 'shown-no-more' | 'all',
): number {
  return connection.write(() => {
    const dropped = connection.all(which === 'all' ? every : shownNoMore, sessionId);
    let left = limit;
    for (const value of dropped) {
      const id = new Row('model_versions', value).number('id');
      connection.run('DELETE FROM score_indexes WHERE model_version_id = ?', id);
      for (const { table, key } of which === 'all' ? allTables : tables)
        left -= deleteSome(connection, table, key, id, left);
    }
    return limit - left;
  });
}

/** Deletes up to `limit` rows of one version, in the order of the table's key. @returns the number of deleted rows. */
export function deleteSome(
  connection: Connection,
  table: (typeof allTables)[number]['table'],
  key: (typeof allTables)[number]['key'],
  modelVersionId: number,
  limit: number,
): number {
  if (limit <= 0) return 0;
  return connection.run(
    `DELETE FROM ${table} WHERE (model_version_id, ${key}) IN
       (SELECT model_version_id, ${key} FROM ${table} WHERE model_version_id = ? LIMIT ?)`,
    modelVersionId,
    limit,
  ).changes;
}
