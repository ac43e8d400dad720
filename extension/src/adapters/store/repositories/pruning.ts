import type { Connection } from '../database/connection.ts';
import { Row } from '../rows/row.ts';

/** Besides the active and the best version, this many of the newest keep their predictions. */
const newestKept = 2;

const tables = [
  { table: 'image_scores', key: 'metric_id, score, image_id' },
  { table: 'image_classes', key: 'class_id, expected, image_id' },
  { table: 'predictions', key: 'image_id' },
] as const;

/** Versions that are neither active, nor the best, nor one of the two newest: they are shown no more. */
const shownNoMore = `SELECT id FROM model_versions AS version WHERE session_id = ? AND is_active = 0 AND is_best = 0
  AND version_number <= (SELECT max(version_number) FROM model_versions WHERE session_id = version.session_id)
    - ${newestKept} ORDER BY id`;
const every = 'SELECT id FROM model_versions WHERE session_id = ? ORDER BY id';

/**
 * Deletes up to `limit` rows of what versions of the session predicted.
 * @returns how many were deleted; 0 when nothing is left to delete.
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
      for (const { table, key } of tables) left -= deleteSome(connection, table, key, id, left);
    }
    return limit - left;
  });
}

/** Deletes up to `limit` rows of one version, in the order of the table's key. @returns how many. */
export function deleteSome(
  connection: Connection,
  table: (typeof tables)[number]['table'],
  key: (typeof tables)[number]['key'],
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
