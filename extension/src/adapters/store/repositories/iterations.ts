import type { IterationChange, IterationRow, IterationStore } from '../../../workflow/ports/store/iterations.ts';
import { defaultThresholds } from '../../../core/detection/shownThresholds.ts';
import { shownThresholdsSchema } from '../../../core/detection/shownThresholdsSchema.ts';
import { assignments, plain, updateById } from '../changes.ts';
import type { ColumnMap } from '../changes.ts';
import type { Connection } from '../database/connection.ts';
import { toJson } from '../rows/jsonColumns.ts';
import { Row } from '../rows/row.ts';
import { StoreError } from '../storeError.ts';
import type { Synchronous } from '../synchronous.ts';
import { iterationStatuses } from '../rows/vocabulary.ts';

const columns: ColumnMap<IterationChange> = {
  status: plain('status'),
  resumeFrom: plain('resume_from'),
  error: plain('error'),
  trainingImagesCount: plain('training_images_count'),
  trainingBoxesCount: plain('training_boxes_count'),
  validationImagesCount: plain('validation_images_count'),
  validationRevisionId: plain('validation_revision_id'),
  map50: plain('map50'),
  map5095: plain('map50_95'),
  precision: plain('precision'),
  recall: plain('recall'),
  loss: plain('loss'),
  modelPath: plain('model_path'),
  weightsPath: plain('weights_path'),
  trainingTimeSeconds: plain('training_time_seconds'),
  scoringTimeSeconds: plain('scoring_time_seconds'),
  runId: plain('run_id'),
  shownThresholds: {
    column: 'shown_thresholds',
    toSql: (thresholds) => toJson('training_iterations.shown_thresholds', thresholds),
  },
  startedAt: plain('started_at'),
  completedAt: plain('completed_at'),
};

function toIteration(value: unknown): IterationRow {
  const row = new Row('training_iterations', value);
  return {
    id: row.number('id'),
    sessionId: row.number('session_id'),
    iterationNumber: row.number('iteration_number'),
    status: row.oneOf('status', iterationStatuses),
    resumeFrom: row.oneOfOrNull('resume_from', iterationStatuses),
    error: row.textOrNull('error'),
    trainingImagesCount: row.numberOrNull('training_images_count'),
    trainingBoxesCount: row.numberOrNull('training_boxes_count'),
    validationImagesCount: row.numberOrNull('validation_images_count'),
    validationRevisionId: row.numberOrNull('validation_revision_id'),
    map50: row.numberOrNull('map50'),
    map5095: row.numberOrNull('map50_95'),
    precision: row.numberOrNull('precision'),
    recall: row.numberOrNull('recall'),
    loss: row.numberOrNull('loss'),
    modelPath: row.textOrNull('model_path'),
    weightsPath: row.textOrNull('weights_path'),
    trainingTimeSeconds: row.numberOrNull('training_time_seconds'),
    scoringTimeSeconds: row.numberOrNull('scoring_time_seconds'),
    runId: row.textOrNull('run_id'),
    shownThresholds: row.jsonOrNull('shown_thresholds', shownThresholdsSchema) ?? defaultThresholds,
    startedAt: row.text('started_at'),
    completedAt: row.textOrNull('completed_at'),
  };
}

/** The repository of `training_iterations`. */
export function createIterations(connection: Connection): Synchronous<IterationStore> {
  const get = (id: number): IterationRow | null => {
    const value = connection.get('SELECT * FROM training_iterations WHERE id = ?', id);
    return value === undefined ? null : toIteration(value);
  };
  const mustGet = (id: number): IterationRow => {
    const row = get(id);
    if (row !== null) return row;
    throw new StoreError('not-found', `There is no iteration with id ${id}`, {
      where: `training_iterations, id ${id}`,
    });
  };
  const byNumber = (sessionId: number, iterationNumber: number): IterationRow | null => {
    const value = connection.get(
      'SELECT * FROM training_iterations WHERE session_id = ? AND iteration_number = ?',
      sessionId,
      iterationNumber,
    );
    return value === undefined ? null : toIteration(value);
  };

  return {
    create: (sessionId, iterationNumber, status) =>
      connection.write(() => {
        const existing = byNumber(sessionId, iterationNumber);
        if (existing !== null) {
          throw new StoreError('duplicate-iteration', `Session ${sessionId} has iteration ${iterationNumber} already`, {
            where: `training_iterations, id ${existing.id}`,
          });
        }
        const { lastId } = connection.run(
          'INSERT INTO training_iterations (session_id, iteration_number, status, started_at) VALUES (?, ?, ?, ?)',
          sessionId,
          iterationNumber,
          status,
          connection.now(),
        );
        return mustGet(lastId);
      }),
    get,
    byNumber,
    list: (sessionId) =>
      connection.rows(
        toIteration,
        'SELECT * FROM training_iterations WHERE session_id = ? ORDER BY iteration_number',
        sessionId,
      ),
    update: (id, change) =>
      connection.write(() => {
        mustGet(id);
        const update = updateById('training_iterations', id, assignments(change, columns));
        if (update !== null) connection.run(update.sql, ...update.values);
        return mustGet(id);
      }),
  };
}
