import type { ModelStore, ModelVersionRow } from '../../../workflow/ports/store/models.ts';
import type { Connection } from '../database/connection.ts';
import { recordSchema, toJson } from '../rows/jsonColumns.ts';
import { Row } from '../rows/row.ts';
import { StoreError } from '../storeError.ts';
import type { Synchronous } from '../synchronous.ts';

function toModel(value: unknown): ModelVersionRow {
  const row = new Row('model_versions', value);
  return {
    id: row.number('id'),
    sessionId: row.number('session_id'),
    iterationId: row.number('iteration_id'),
    versionNumber: row.number('version_number'),
    modelPath: row.text('model_path'),
    weightsPath: row.text('weights_path'),
    performanceMetrics: row.json('performance_metrics', recordSchema),
    isActive: row.boolean('is_active'),
    isBest: row.boolean('is_best'),
    modelSizeMb: row.number('model_size_mb'),
    labelSnapshot: row.text('label_snapshot'),
    lineage: row.json('lineage', recordSchema),
    createdAt: row.text('created_at'),
  };
}

/** The repository of `model_versions`. */
export function createModels(connection: Connection): Synchronous<ModelStore> {
  const get = (id: number): ModelVersionRow | null => {
    const value = connection.get('SELECT * FROM model_versions WHERE id = ?', id);
    return value === undefined ? null : toModel(value);
  };
  const mustGet = (id: number): ModelVersionRow => {
    const row = get(id);
    if (row !== null) return row;
    throw new StoreError('not-found', `There is no model version with id ${id}`, { where: `model_versions, id ${id}` });
  };
  /** A unique index allows one marked version per session, so clear the old mark first. */
  const mark = (column: 'is_active' | 'is_best', id: number): void => {
    const { sessionId } = mustGet(id);
    connection.run(`UPDATE model_versions SET ${column} = 0 WHERE session_id = ? AND ${column} = 1`, sessionId);
    connection.run(`UPDATE model_versions SET ${column} = 1 WHERE id = ?`, id);
  };

  return {
    create: (model) =>
      connection.write(() => {
        const { lastId } = connection.run(
          `INSERT INTO model_versions (session_id, iteration_id, version_number, model_path, weights_path,
             performance_metrics, model_size_mb, label_snapshot, lineage, created_at)
           SELECT ?, ?, coalesce(max(version_number), 0) + 1, ?, ?, ?, ?, ?, ?, ?
           FROM model_versions WHERE session_id = ?`,
          model.sessionId,
          model.iterationId,
          model.modelPath,
          model.weightsPath,
          toJson('performance_metrics', model.performanceMetrics),
          model.modelSizeMb,
          model.labelSnapshot,
          toJson('lineage', model.lineage),
          connection.now(),
          model.sessionId,
        );
        mark('is_active', lastId);
        return mustGet(lastId);
      }),
    list: (sessionId) =>
      connection.rows(toModel, 'SELECT * FROM model_versions WHERE session_id = ? ORDER BY version_number', sessionId),
    get,
    byIteration: (iterationId) => {
      const value = connection.get(
        'SELECT * FROM model_versions WHERE iteration_id = ? ORDER BY version_number DESC LIMIT 1',
        iterationId,
      );
      return value === undefined ? null : toModel(value);
    },
    setActive: (id) => connection.write(() => mark('is_active', id)),
    setBest: (id) => connection.write(() => mark('is_best', id)),
    updateMetrics: (id, metrics) =>
      connection.write(() => {
        mustGet(id);
        connection.run(
          'UPDATE model_versions SET performance_metrics = ? WHERE id = ?',
          toJson('performance_metrics', metrics),
          id,
        );
      }),
  };
}
