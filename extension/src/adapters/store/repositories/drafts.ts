import type { DraftKey, DraftStore } from '../../../workflow/ports/store/drafts.ts';
import type { Connection, SqlValue } from '../database/connection.ts';
import { Row } from '../rows/row.ts';
import { StoreError } from '../storeError.ts';
import type { Synchronous } from '../synchronous.ts';

const isKey = 'session_id = ? AND image_id = ? AND sample_id IS ?';

function valuesOf({ sessionId, imageId, sampleId }: DraftKey): readonly SqlValue[] {
  return [sessionId, imageId, sampleId];
}

function toKey(value: unknown): DraftKey {
  const row = new Row('drafts', value, ['session_id', 'image_id']);
  return {
    sessionId: row.number('session_id'),
    imageId: row.number('image_id'),
    sampleId: row.numberOrNull('sample_id'),
  };
}

/** The repository of `drafts`. A completed verdict removes its draft (see `createLabelEvents`). */
export function createDrafts(connection: Connection): Synchronous<DraftStore> {
  const requireOwner = ({ sessionId, imageId, sampleId }: DraftKey): void => {
    const found = connection.get(
      `SELECT 1 FROM training_sessions, images WHERE training_sessions.id = ? AND images.id = ?
       AND (? IS NULL OR EXISTS (SELECT 1 FROM uncertain_samples WHERE id = ? AND image_id = images.id))`,
      sessionId,
      imageId,
      sampleId,
      sampleId,
    );
    if (found !== undefined) return;
    throw new StoreError('not-found', `There is no image ${imageId} or sample ${sampleId ?? ''} to edit`, {
      where: `images, id ${imageId}`,
    });
  };
  return {
    put: (key, { basis, history, edited }) =>
      connection.write(() => {
        requireOwner(key);
        connection.run(
          `INSERT OR REPLACE INTO drafts (session_id, image_id, sample_id, basis, history, edited, updated_at)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
          ...valuesOf(key),
          basis,
          history,
          Number(edited),
          connection.now(),
        );
      }),
    get: (key) => {
      const value = connection.get(`SELECT * FROM drafts WHERE ${isKey}`, ...valuesOf(key));
      if (value === undefined) return null;
      const row = new Row('drafts', value, ['session_id', 'image_id']);
      return { basis: row.text('basis'), history: row.text('history'), edited: row.boolean('edited') };
    },
    remove: (key) => void connection.run(`DELETE FROM drafts WHERE ${isKey}`, ...valuesOf(key)),
    edited: (sessionId) =>
      connection.rows(
        toKey,
        'SELECT session_id, image_id, sample_id FROM drafts WHERE session_id = ? AND edited = 1 ORDER BY rowid',
        sessionId,
      ),
  };
}
