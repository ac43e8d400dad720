// The obvious way, for comparison: boxes and scores as JSON in columns, looked up by json_extract, paged by OFFSET.
// The same journal, flushes and size of transactions as the product's.
import Database from 'better-sqlite3';
import type { PredictionRow } from '../../extension/src/workflow/ports/store/predictions.ts';

const score = (metric: string): string => `json_extract(scores, '$."${metric}"')`;

export interface PeerStore {
  put(rows: readonly PredictionRow[]): void;
  top(metric: string, limit: number, offset?: number): unknown[];
  byClass(classId: number, limit: number): unknown[];
  page(limit: number, offset: number): unknown[];
  close(): void;
}

export function openPeer(path: string): PeerStore {
  const database = new Database(path);
  database.pragma('journal_mode = WAL');
  database.pragma('synchronous = FULL');
  database.exec(`
    CREATE TABLE predictions (
      model_version_id INTEGER NOT NULL,
      image_id INTEGER NOT NULL,
      content_hash TEXT NOT NULL,
      best_score REAL NOT NULL,
      scores TEXT NOT NULL,
      boxes TEXT NOT NULL,
      UNIQUE (model_version_id, image_id)
    )`);
  const insert = database.prepare('INSERT INTO predictions VALUES (1, ?, ?, ?, ?, ?)');
  const put = database.transaction((rows: readonly PredictionRow[]) => {
    for (const { imageId, contentHash, bestScore, scores, detections } of rows) {
      insert.run(imageId, contentHash, bestScore, JSON.stringify(scores), JSON.stringify(detections));
    }
  });
  return {
    put,
    top: (metric, limit, offset = 0) =>
      database
        .prepare(
          `SELECT image_id, ${score(metric)} AS score FROM predictions WHERE model_version_id = 1
           ORDER BY score DESC, image_id LIMIT ? OFFSET ?`,
        )
        .all(limit, offset),
    byClass: (classId, limit) =>
      database
        .prepare(
          `SELECT image_id, sum(json_extract(box.value, '$.confidence')) AS score FROM predictions, json_each(boxes) AS box
           WHERE model_version_id = 1 AND json_extract(box.value, '$.classId') = ?
           GROUP BY image_id ORDER BY score DESC, image_id LIMIT ?`,
        )
        .all(classId, limit),
    page: (limit, offset) =>
      database
        .prepare<[number, number], { scores: string; boxes: string }>(
          'SELECT * FROM predictions WHERE model_version_id = 1 ORDER BY image_id LIMIT ? OFFSET ?',
        )
        .all(limit, offset)
        .map((row) => ({ ...row, scores: JSON.parse(row.scores) as unknown, boxes: JSON.parse(row.boxes) as unknown })),
    close: () => void database.close(),
  };
}
