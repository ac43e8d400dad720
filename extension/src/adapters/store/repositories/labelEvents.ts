import type { Verdict } from '../../../core/session/types.ts';
import type {
  LabelEventRow,
  LabelEventState,
  LabelEventStore,
  NewLabelEvent,
} from '../../../workflow/ports/store/labelEvents.ts';
import type { Connection } from '../database/connection.ts';
import { leaseSchema, toJson } from '../rows/jsonColumns.ts';
import { Row } from '../rows/row.ts';
import { StoreError } from '../storeError.ts';
import type { Synchronous } from '../synchronous.ts';
import { eventCauses, eventStates, imageStates, verdicts } from '../rows/vocabulary.ts';

/** A plain copy instead of a `Buffer`, because it is sent to another thread. */
function copyOf(bytes: Uint8Array | null): Uint8Array | null {
  return bytes === null ? null : Uint8Array.from(bytes);
}

function toEvent(value: unknown): LabelEventRow {
  const row = new Row('label_events', value);
  return {
    id: row.number('id'),
    imageId: row.number('image_id'),
    sampleId: row.numberOrNull('sample_id'),
    cause: row.oneOf('cause', eventCauses),
    before: copyOf(row.blobOrNull('before')),
    after: copyOf(row.blobOrNull('after')),
    verdictBefore: row.oneOfOrNull('verdict_before', verdicts),
    verdictAfter: row.oneOfOrNull('verdict_after', verdicts),
    stateBefore: row.oneOf('state_before', imageStates),
    stateAfter: row.oneOf('state_after', imageStates),
    state: row.oneOf('state', eventStates),
    owner: row.json('owner', leaseSchema),
    createdAt: row.text('created_at'),
    undoes: row.numberOrNull('undoes'),
    group: row.textOrNull('group_id'),
  };
}

/** An event is undone if a completed event references it: an undo, or a redo of an undo. */
const isUndone = `EXISTS (SELECT 1 FROM label_events AS undo
  WHERE undo.undoes = event.id AND undo.state = 'done')`;

/** The repository of `label_events`: the journal of label file changes, and the only code that writes verdicts. */
export function createLabelEvents(connection: Connection): Synchronous<LabelEventStore> {
  const mustGet = (id: number): LabelEventRow => {
    const value = connection.get('SELECT * FROM label_events WHERE id = ?', id);
    if (value !== undefined) return toEvent(value);
    throw new StoreError('not-found', `There is no label event ${id}`, { where: `label_events, id ${id}` });
  };

  const checkIdle = (event: NewLabelEvent): void => {
    const value = connection.get(
      `SELECT id, owner FROM label_events WHERE image_id = ? AND state = 'pending' ORDER BY id`,
      event.imageId,
    );
    if (value === undefined) return;
    const other = new Row('label_events', value);
    const id = other.number('id');
    throw new StoreError(
      'image-busy',
      `Process ${other.json('owner', leaseSchema).pid} is changing the labels of image ${event.imageId} (event ${id})`,
      { where: `label_events, id ${id}` },
    );
  };

  const checkSample = (event: NewLabelEvent): void => {
    if (event.sampleId === null) return;
    const value = connection.get('SELECT id, image_id, verdict FROM uncertain_samples WHERE id = ?', event.sampleId);
    const where = `uncertain_samples, id ${event.sampleId}`;
    if (value === undefined) throw new StoreError('not-found', `There is no sample ${event.sampleId}`, { where });
    const row = new Row('uncertain_samples', value);
    if (row.number('image_id') !== event.imageId) {
      throw new StoreError('invalid-value', `Sample ${event.sampleId} is not of image ${event.imageId}`, { where });
    }
    const verdict: Verdict | null = row.oneOfOrNull('verdict', verdicts);
    if (verdict === event.verdictBefore) return;
    throw new StoreError(
      'verdict-changed',
      `Sample ${event.sampleId} has the verdict ${verdict ?? 'none'} and not ${event.verdictBefore ?? 'none'}`,
      { where },
    );
  };

  const checkUndo = (event: NewLabelEvent): void => {
    if (event.undoes === null) return;
    const value = connection.get(
      `SELECT event.image_id = ? AND event.state = 'done' AS fits, ${isUndone} AS undone
       FROM label_events AS event WHERE event.id = ?`,
      event.imageId,
      event.undoes,
    );
    const where = `label_events, id ${event.undoes}`;
    if (value === undefined) throw new StoreError('not-found', `There is no label event ${event.undoes}`, { where });
    const row = new Row('label_events', value);
    if (!row.boolean('fits')) {
      throw new StoreError(
        'invalid-value',
        `Event ${event.undoes} is not a finished change of image ${event.imageId} and cannot be undone`,
        { where },
      );
    }
    if (row.boolean('undone')) {
      throw new StoreError('verdict-changed', `Event ${event.undoes} was undone already`, { where });
    }
  };

  const finish = (id: number, state: LabelEventState): void => {
    connection.run('UPDATE label_events SET state = ?, ended_at = ? WHERE id = ?', state, connection.now(), id);
  };

  /** The event if it is pending, null if it already has this end state. */
  const openOr = (id: number, end: LabelEventState): LabelEventRow | null => {
    const event = mustGet(id);
    if (event.state === 'pending') return event;
    if (event.state === end) return null;
    throw new StoreError('event-ended', `Label event ${id} is ${event.state} and cannot become ${end}`, {
      where: `label_events, id ${id}`,
    });
  };

  return {
    begin: (event) =>
      connection.write(() => {
        checkIdle(event);
        checkSample(event);
        checkUndo(event);
        const { lastId } = connection.run(
          `INSERT INTO label_events (image_id, sample_id, cause, "before", "after", verdict_before, verdict_after,
             state_before, state_after, state, owner, created_at, undoes, group_id)
           VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, 'pending', ?, ?, ?, ?)`,
          event.imageId,
          event.sampleId,
          event.cause,
          event.before,
          event.after,
          event.verdictBefore,
          event.verdictAfter,
          event.stateBefore,
          event.stateAfter,
          toJson('owner', event.owner),
          connection.now(),
          event.undoes,
          event.group ?? null,
        );
        return mustGet(lastId);
      }),
    complete: (eventId, { labelHash, reviewSeconds }) =>
      connection.write(() => {
        const event = openOr(eventId, 'done');
        if (event === null) return;
        const later = connection.get(
          `SELECT id FROM label_events WHERE image_id = ? AND id > ? AND state = 'done' LIMIT 1`,
          event.imageId,
          eventId,
        );
        if (later !== undefined) {
          throw new StoreError(
            'event-ended',
            `A later change of image ${event.imageId} followed label event ${eventId}`,
            {
              where: `label_events, id ${eventId}`,
            },
          );
        }
        finish(eventId, 'done');
        connection.run(
          'UPDATE images SET label_hash = ?, state = ? WHERE id = ?',
          labelHash,
          event.stateAfter,
          event.imageId,
        );
        // Add the seconds: reviewing twice takes the user twice the time, even if the first verdict was undone.
        connection.run(
          `UPDATE uncertain_samples SET verdict = ?, reviewed_at = ?,
             review_seconds = CASE WHEN ? IS NULL THEN review_seconds ELSE coalesce(review_seconds, 0) + ? END
           WHERE id = ?`,
          event.verdictAfter,
          event.verdictAfter === null ? null : connection.now(),
          reviewSeconds ?? null,
          reviewSeconds ?? null,
          event.sampleId,
        );
        // A verdict saves the edits. An undo or a restored state leaves later ones alone.
        if (event.cause === 'verdict') connection.run('DELETE FROM drafts WHERE sample_id = ?', event.sampleId);
        if (event.cause === 'edit') {
          connection.run('DELETE FROM drafts WHERE image_id = ? AND sample_id IS NULL', event.imageId);
        }
      }),
    end: (eventId, state) =>
      connection.write(() => {
        if (openOr(eventId, state) !== null) finish(eventId, state);
      }),
    take: (eventId, from, owner) =>
      connection.write(() => {
        const event = mustGet(eventId);
        if (event.state !== 'pending' || event.owner.nonce !== from.nonce) return false;
        connection.run('UPDATE label_events SET owner = ? WHERE id = ?', toJson('owner', owner), eventId);
        return true;
      }),
    pending: () => connection.rows(toEvent, `SELECT * FROM label_events WHERE state = 'pending' ORDER BY id`),
    history: (imageId) =>
      connection.rows(toEvent, 'SELECT * FROM label_events WHERE image_id = ? ORDER BY id', imageId),
    standing: (group) =>
      connection.rows(
        toEvent,
        `SELECT event.* FROM label_events AS event WHERE event.group_id = ? AND event.state = 'done' AND NOT ${isUndone}
         ORDER BY event.id DESC`,
        group,
      ),
    lastUndoable: (iterationId) => {
      const value = connection.get(
        `SELECT event.* FROM label_events AS event JOIN uncertain_samples AS sample ON sample.id = event.sample_id
         WHERE sample.iteration_id = ? AND event.cause = 'verdict' AND event.state = 'done' AND NOT ${isUndone}
         ORDER BY event.id DESC LIMIT 1`,
        iterationId,
      );
      return value === undefined ? null : toEvent(value);
    },
    lastRedoable: (iterationId) => {
      const value = connection.get(
        `SELECT event.* FROM label_events AS event JOIN uncertain_samples AS sample ON sample.id = event.sample_id
         WHERE sample.iteration_id = ? AND event.cause = 'undo' AND event.state = 'done' AND NOT ${isUndone}
           AND NOT EXISTS (SELECT 1 FROM label_events AS later JOIN uncertain_samples AS own ON own.id = later.sample_id
             WHERE own.iteration_id = sample.iteration_id AND later.id > event.id AND later.cause = 'verdict'
               AND later.state = 'done' AND later.undoes IS NULL)
         ORDER BY event.id DESC LIMIT 1`,
        iterationId,
      );
      return value === undefined ? null : toEvent(value);
    },
    edits: (imageIds, since) =>
      connection.rows(
        toEvent,
        `SELECT event.* FROM label_events AS event WHERE event.id IN (
           SELECT max(id) FROM label_events WHERE sample_id IS NULL AND cause IN ('edit', 'undo') AND state = 'done'
             AND created_at >= ? AND image_id IN (SELECT value FROM json_each(?)) GROUP BY image_id) ORDER BY event.id`,
        since,
        JSON.stringify(imageIds),
      ),
    lastRedoableEdit: (imageIds, since) => {
      const ids = JSON.stringify(imageIds);
      const value = connection.get(
        `SELECT event.* FROM label_events AS event WHERE event.sample_id IS NULL AND event.cause = 'undo'
           AND event.state = 'done' AND event.created_at >= ? AND event.image_id IN (SELECT value FROM json_each(?))
           AND NOT ${isUndone} AND NOT EXISTS (SELECT 1 FROM label_events AS later WHERE later.id > event.id
             AND later.sample_id IS NULL AND later.cause = 'edit' AND later.state = 'done' AND later.undoes IS NULL
             AND later.image_id IN (SELECT value FROM json_each(?)))
         ORDER BY event.id DESC LIMIT 1`,
        since,
        ids,
        ids,
      );
      return value === undefined ? null : toEvent(value);
    },
    lastUndoableEdit: (imageIds, since) => {
      const value = connection.get(
        `SELECT event.* FROM label_events AS event WHERE event.sample_id IS NULL AND event.cause = 'edit'
           AND event.state = 'done' AND event.created_at >= ? AND event.image_id IN (SELECT value FROM json_each(?))
           AND NOT ${isUndone} ORDER BY event.id DESC LIMIT 1`,
        since,
        JSON.stringify(imageIds),
      );
      return value === undefined ? null : toEvent(value);
    },
  };
}
