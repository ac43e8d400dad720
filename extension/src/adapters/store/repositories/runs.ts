import type { MetricPoint, RunRow, RunStore } from '../../../workflow/ports/store/runs.ts';
import type { Connection } from '../database/connection.ts';
import { imageIdsSchema, leaseSchema, toJson } from '../rows/jsonColumns.ts';
import { Row } from '../rows/row.ts';
import { StoreError } from '../storeError.ts';
import type { Synchronous } from '../synchronous.ts';
import { runJobs, runStates } from '../rows/vocabulary.ts';

function toRun(value: unknown): RunRow {
  const row = new Row('runs', value);
  return {
    id: row.text('id'),
    sessionId: row.number('session_id'),
    iterationId: row.number('iteration_id'),
    job: row.oneOf('job', runJobs),
    state: row.oneOf('state', runStates),
    lease: row.jsonOrNull('lease', leaseSchema),
    folder: row.text('folder'),
    labelSnapshot: row.textOrNull('label_snapshot'),
    lastSequence: row.number('last_sequence'),
    createdAt: row.text('created_at'),
  };
}

function toPoint(value: unknown): MetricPoint {
  const row = new Row('metric_series', value, ['run_id', 'sequence', 'name']);
  return {
    sequence: row.number('sequence'),
    epoch: row.number('epoch'),
    name: row.text('name'),
    value: row.numberOrNull('value') ?? Number.NaN,
  };
}

/** The repository of `runs` and `metric_series`. */
export function createRuns(connection: Connection): Synchronous<RunStore> {
  const get = (id: string): RunRow | null => {
    const value = connection.get('SELECT * FROM runs WHERE id = ?', id);
    return value === undefined ? null : toRun(value);
  };
  const mustGet = (id: string): RunRow => {
    const row = get(id);
    if (row !== null) return row;
    throw new StoreError('not-found', `There is no run ${id}`, { where: `runs, id ${id}` });
  };

  return {
    create: (run, trainingImages) =>
      connection.write(() => {
        if (get(run.id) !== null) {
          throw new StoreError('duplicate-name', `There is a run ${run.id} already`, { where: `runs, id ${run.id}` });
        }
        connection.run(
          'INSERT INTO runs (id, session_id, iteration_id, job, state, folder, label_snapshot, training_images, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
          run.id,
          run.sessionId,
          run.iterationId,
          run.job,
          run.state,
          run.folder,
          run.labelSnapshot,
          trainingImages === undefined ? null : toJson('training_images', trainingImages),
          connection.now(),
        );
        return mustGet(run.id);
      }),
    get,
    trainingImages: (id) => {
      const value = connection.get('SELECT id, training_images FROM runs WHERE id = ?', id);
      return value === undefined ? null : new Row('runs', value).jsonOrNull('training_images', imageIdsSchema);
    },
    list: (states) =>
      states === undefined
        ? connection.rows(toRun, 'SELECT * FROM runs ORDER BY created_at, rowid')
        : connection.rows(
            toRun,
            'SELECT * FROM runs WHERE state IN (SELECT value FROM json_each(?)) ORDER BY created_at, rowid',
            toJson('state', states),
          ),
    update: (id, { state, lease }) =>
      connection.write(() => {
        const row = mustGet(id);
        const newLease = lease === undefined ? row.lease : lease;
        connection.run(
          'UPDATE runs SET state = ?, lease = ? WHERE id = ?',
          state ?? row.state,
          newLease === null ? null : toJson('lease', newLease),
          id,
        );
      }),
    addMetrics: (id, lastSequence, points) =>
      connection.write(() => {
        mustGet(id);
        for (const { sequence, epoch, name, value } of points) {
          // SQLite has no NaN, so a NaN loss is stored as NULL.
          connection.run(
            `INSERT INTO metric_series (run_id, sequence, epoch, name, value) VALUES (?, ?, ?, ?, ?)
             ON CONFLICT (run_id, sequence, name) DO NOTHING`,
            id,
            sequence,
            epoch,
            name,
            Number.isNaN(value) ? null : value,
          );
        }
        connection.run('UPDATE runs SET last_sequence = max(last_sequence, ?) WHERE id = ?', lastSequence, id);
      }),
    metrics: (id) =>
      connection.rows(toPoint, 'SELECT * FROM metric_series WHERE run_id = ? ORDER BY sequence, name', id),
  };
}
