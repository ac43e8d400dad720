import type { DatasetRow, DatasetStore, RootRow, ValidationRevision } from '../../../workflow/ports/store/datasets.ts';
import type { Connection } from '../database/connection.ts';
import { datasetSourceSchema } from '../../../core/dataset/datasetSource.ts';
import { textsSchema, toJson } from '../rows/jsonColumns.ts';
import { Row } from '../rows/row.ts';
import { StoreError } from '../storeError.ts';
import type { Synchronous } from '../synchronous.ts';
import { rootKinds } from '../rows/vocabulary.ts';

function toDataset(value: unknown): DatasetRow {
  const row = new Row('datasets', value);
  return {
    id: row.number('id'),
    source: row.json('source', datasetSourceSchema),
    classNames: row.json('class_names', textsSchema),
    createdAt: row.text('created_at'),
    validationDrawn: row.boolean('validation_drawn'),
  };
}

function toRoot(value: unknown): RootRow {
  const row = new Row('dataset_roots', value);
  return {
    id: row.number('id'),
    datasetId: row.number('dataset_id'),
    path: row.text('path'),
    kind: row.oneOf('kind', rootKinds),
  };
}

/** The repository of `datasets`, `dataset_roots`, `validation_revisions` and their members. */
export function createDatasets(connection: Connection): Synchronous<DatasetStore> {
  const get = (id: number): DatasetRow | null => {
    const value = connection.get('SELECT * FROM datasets WHERE id = ?', id);
    return value === undefined ? null : toDataset(value);
  };
  const mustGet = (id: number): DatasetRow => {
    const row = get(id);
    if (row === null) throw new StoreError('not-found', `There is no dataset ${id}`, { where: `datasets, id ${id}` });
    return row;
  };
  const toRevision = (value: unknown): ValidationRevision => {
    const row = new Row('validation_revisions', value);
    const id = row.number('id');
    const members = connection.all(
      'SELECT * FROM validation_revision_members WHERE revision_id = ? ORDER BY image_id',
      id,
    );
    return {
      id,
      datasetId: row.number('dataset_id'),
      number: row.number('number'),
      createdAt: row.text('created_at'),
      members: members.map((member) => {
        const memberRow = new Row('validation_revision_members', member, ['revision_id', 'image_id']);
        return { imageId: memberRow.number('image_id'), labelHash: memberRow.text('label_hash') };
      }),
    };
  };
  const revision = (sql: string, id: number): ValidationRevision | null =>
    connection.read(() => {
      const value = connection.get(sql, id);
      return value === undefined ? null : toRevision(value);
    });

  return {
    create: (source, classNames) =>
      connection.write(() => {
        const { lastId } = connection.run(
          'INSERT INTO datasets (source, class_names, created_at) VALUES (?, ?, ?)',
          toJson('source', source),
          toJson('class_names', classNames),
          connection.now(),
        );
        return mustGet(lastId);
      }),
    get,
    list: () => connection.rows(toDataset, 'SELECT * FROM datasets ORDER BY id'),
    update: (id, change) =>
      connection.write(() => {
        const row = mustGet(id);
        connection.run(
          'UPDATE datasets SET source = ?, class_names = ?, validation_drawn = ? WHERE id = ?',
          toJson('source', change.source ?? row.source),
          toJson('class_names', change.classNames ?? row.classNames),
          (change.validationDrawn ?? row.validationDrawn) ? 1 : 0,
          id,
        );
      }),
    addRoot: (datasetId, path, kind) =>
      connection.write(() => {
        mustGet(datasetId);
        connection.run(
          'INSERT INTO dataset_roots (dataset_id, path, kind) VALUES (?, ?, ?) ON CONFLICT (dataset_id, path) DO NOTHING',
          datasetId,
          path,
          kind,
        );
        return toRoot(connection.get('SELECT * FROM dataset_roots WHERE dataset_id = ? AND path = ?', datasetId, path));
      }),
    roots: (datasetId) =>
      connection.rows(toRoot, 'SELECT * FROM dataset_roots WHERE dataset_id = ? ORDER BY id', datasetId),
    moveRoot: (rootId, path) =>
      connection.write(() => {
        const value = connection.get('SELECT * FROM dataset_roots WHERE id = ?', rootId);
        if (value === undefined) {
          throw new StoreError('not-found', `There is no dataset folder ${rootId}`, {
            where: `dataset_roots, id ${rootId}`,
          });
        }
        const { datasetId } = toRoot(value);
        const other = connection.get(
          'SELECT id FROM dataset_roots WHERE dataset_id = ? AND path = ? AND id <> ?',
          datasetId,
          path,
          rootId,
        );
        if (other !== undefined) {
          throw new StoreError('duplicate-path', `The dataset has that folder already: ${path}`, { where: path });
        }
        connection.run('UPDATE dataset_roots SET path = ? WHERE id = ?', path, rootId);
      }),
    latestRevision: (datasetId) =>
      revision('SELECT * FROM validation_revisions WHERE dataset_id = ? ORDER BY number DESC LIMIT 1', datasetId),
    revision: (id) => revision('SELECT * FROM validation_revisions WHERE id = ?', id),
    addRevision: (datasetId, members) =>
      connection.write(() => {
        mustGet(datasetId);
        const { lastId } = connection.run(
          `INSERT INTO validation_revisions (dataset_id, number, created_at)
           SELECT ?, coalesce(max(number), 0) + 1, ? FROM validation_revisions WHERE dataset_id = ?`,
          datasetId,
          connection.now(),
          datasetId,
        );
        for (const { imageId, labelHash } of members) {
          const { changes } = connection.run(
            `INSERT INTO validation_revision_members (revision_id, image_id, label_hash)
             SELECT ?, id, ? FROM images WHERE id = ? AND dataset_id = ?`,
            lastId,
            labelHash,
            imageId,
            datasetId,
          );
          if (changes === 0) {
            throw new StoreError('not-found', `Image ${imageId} does not belong to dataset ${datasetId}`, {
              where: `images, id ${imageId}`,
            });
          }
        }
        return toRevision(connection.get('SELECT * FROM validation_revisions WHERE id = ?', lastId));
      }),
  };
}
