import type { SessionSettings } from '../../../core/session/types.ts';
import type { SessionChange, SessionRow, SessionStore } from '../../../workflow/ports/store/sessions.ts';
import { assignments, plain, updateById } from '../changes.ts';
import type { ColumnMap } from '../changes.ts';
import type { Connection, SqlValue } from '../database/connection.ts';
import { Row } from '../rows/row.ts';
import { settingColumns, settingsOfRow } from '../rows/settingColumns.ts';
import { StoreError } from '../storeError.ts';
import type { Synchronous } from '../synchronous.ts';
import { sessionStatuses } from '../rows/vocabulary.ts';

const changeColumns: ColumnMap<Omit<SessionChange, 'settings'>> = {
  status: plain('status'),
  currentIteration: plain('current_iteration'),
  bestMap50: plain('best_map50'),
  bestMap5095: plain('best_map50_95'),
  startedAt: plain('started_at'),
  completedAt: plain('completed_at'),
};

/** A key that is equal for names that look the same. SQLite's NOCASE supports only ASCII. */
function nameKey(name: string): string {
  return name.normalize('NFKC').trim().toLowerCase();
}

function sessionColumns(settings: SessionSettings): readonly (readonly [column: string, value: SqlValue])[] {
  return [['name_key', nameKey(settings.name)], ...settingColumns(settings)];
}

function toSession(value: unknown): SessionRow {
  const row = new Row('training_sessions', value);
  return {
    ...settingsOfRow(row),
    id: row.number('id'),
    datasetId: row.number('dataset_id'),
    status: row.oneOf('status', sessionStatuses),
    currentIteration: row.number('current_iteration'),
    bestMap50: row.numberOrNull('best_map50'),
    bestMap5095: row.numberOrNull('best_map50_95'),
    createdAt: row.text('created_at'),
    startedAt: row.textOrNull('started_at'),
    completedAt: row.textOrNull('completed_at'),
  };
}

/** The repository of `training_sessions`. */
export function createSessions(connection: Connection): Synchronous<SessionStore> {
  const find = (id: number): unknown => connection.get('SELECT * FROM training_sessions WHERE id = ?', id);
  const mustGet = (id: number): unknown => {
    const value = find(id);
    if (value !== undefined) return value;
    throw new StoreError('not-found', `There is no session ${id}`, { where: `training_sessions, id ${id}` });
  };
  const checkName = (name: string, ownId: number | null): void => {
    const other = connection.get(
      'SELECT id, name FROM training_sessions WHERE name_key = ? AND id IS NOT ?',
      nameKey(name),
      ownId,
    );
    if (other === undefined) return;
    const row = new Row('training_sessions', other);
    throw new StoreError('duplicate-name', `There is a session "${row.text('name')}" already`, {
      where: `training_sessions, id ${row.number('id')}`,
    });
  };

  return {
    create: (datasetId, settings) =>
      connection.write(() => {
        checkName(settings.name, null);
        const fields: readonly (readonly [string, SqlValue])[] = [
          ...sessionColumns(settings),
          ['dataset_id', datasetId],
          ['status', 'created'],
          ['current_iteration', 0],
          ['created_at', connection.now()],
        ];
        const { lastId } = connection.run(
          `INSERT INTO training_sessions (${fields.map(([column]) => column).join(', ')})
           VALUES (${fields.map(() => '?').join(', ')})`,
          ...fields.map(([, value]) => value),
        );
        return toSession(mustGet(lastId));
      }),
    get: (id) => {
      const value = find(id);
      return value === undefined ? null : toSession(value);
    },
    list: () => connection.rows(toSession, 'SELECT * FROM training_sessions ORDER BY id'),
    update: (id, { settings, ...change }) =>
      connection.write(() => {
        const row = new Row('training_sessions', mustGet(id));
        const parts = assignments<Omit<SessionChange, 'settings'>>(change, changeColumns);
        const fields = settings === undefined ? [] : sessionColumns({ ...settingsOfRow(row), ...settings });
        if (settings?.name !== undefined) checkName(settings.name, id);
        const update = updateById('training_sessions', id, {
          columns: [...parts.columns, ...fields.map(([column]) => column)],
          values: [...parts.values, ...fields.map(([, value]) => value)],
        });
        if (update !== null) connection.run(update.sql, ...update.values);
        return toSession(mustGet(id));
      }),
    delete: (id) =>
      connection.write(() => {
        mustGet(id);
        connection.run('DELETE FROM training_sessions WHERE id = ?', id);
      }),
  };
}
