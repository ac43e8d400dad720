import type { ImageChange, ImageFilter, ImageRow, ImageStore } from '../../../workflow/ports/store/images.ts';
import { assignments, plain, updateById } from '../changes.ts';
import type { ColumnMap } from '../changes.ts';
import type { Connection, SqlValue } from '../database/connection.ts';
import { toJson } from '../rows/jsonColumns.ts';
import { Row } from '../rows/row.ts';
import { StoreError } from '../storeError.ts';
import type { Synchronous } from '../synchronous.ts';
import { imageStates, splits } from '../rows/vocabulary.ts';

const columns: ColumnMap<Omit<ImageChange, 'id'>> = {
  contentHash: plain('content_hash'),
  labelHash: plain('label_hash'),
  width: plain('width'),
  height: plain('height'),
  split: plain('split'),
  state: plain('state'),
  captureGroup: plain('capture_group'),
  size: plain('size'),
  mtimeMs: plain('mtime_ms'),
  problem: plain('problem'),
  perceptualHash: plain('perceptual_hash'),
};

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}

function toImage(value: unknown): ImageRow {
  const row = new Row('images', value);
  return {
    id: row.number('id'),
    datasetId: row.number('dataset_id'),
    rootId: row.number('root_id'),
    relativePath: row.text('relative_path'),
    contentHash: row.textOrNull('content_hash'),
    labelHash: row.textOrNull('label_hash'),
    width: row.numberOrNull('width'),
    height: row.numberOrNull('height'),
    split: row.oneOf('split', splits),
    state: row.oneOf('state', imageStates),
    captureGroup: row.textOrNull('capture_group'),
    size: row.number('size'),
    mtimeMs: row.number('mtime_ms'),
    problem: row.textOrNull('problem'),
    perceptualHash: row.textOrNull('perceptual_hash'),
  };
}

/** Passes lists as JSON: one cached statement for any length, without SQLite's limit on variables. */
function toCondition(filter: ImageFilter, order = 'id'): { sql: string; values: SqlValue[] } {
  const conditions = ['dataset_id = ?'];
  const values: SqlValue[] = [filter.datasetId];
  const addList = (column: string, list: readonly (string | number)[] | undefined): void => {
    if (list === undefined) return;
    conditions.push(`${column} IN (SELECT value FROM json_each(?))`);
    values.push(toJson(column, list));
  };
  addList('state', filter.states);
  addList('split', filter.splits);
  addList('id', filter.ids);
  addList('relative_path', filter.relativePaths);
  if (filter.rootId !== undefined) {
    conditions.push('root_id = ?');
    values.push(filter.rootId);
  }
  if (filter.pathPrefix !== undefined) {
    conditions.push('substr(relative_path, 1, length(?)) = ?');
    values.push(filter.pathPrefix, filter.pathPrefix);
  }
  if (filter.afterId !== undefined) {
    conditions.push('id > ?');
    values.push(filter.afterId);
  }
  // A negative limit means no limit in SQLite.
  return {
    sql: `FROM images WHERE ${conditions.join(' AND ')} ORDER BY ${order} LIMIT ?`,
    values: [...values, filter.limit ?? -1],
  };
}

/** The repository of `images`. */
export function createImages(connection: Connection): Synchronous<ImageStore> {
  return {
    insert: (datasetId, images) =>
      connection.write(() =>
        images.map((image) => {
          const { changes, lastId } = connection.run(
            `INSERT INTO images (dataset_id, root_id, relative_path, content_hash, label_hash, width, height, split, state,
               capture_group, size, mtime_ms, problem, perceptual_hash)
             SELECT dataset_id, id, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ? FROM dataset_roots WHERE id = ? AND dataset_id = ?
             ON CONFLICT (root_id, relative_path) DO NOTHING`,
            image.relativePath,
            image.contentHash,
            image.labelHash,
            image.width,
            image.height,
            image.split,
            image.state,
            image.captureGroup,
            image.size,
            image.mtimeMs,
            image.problem,
            image.perceptualHash,
            image.rootId,
            datasetId,
          );
          if (changes === 1) return lastId;
          const existing = connection.get(
            'SELECT id FROM images WHERE root_id = ? AND relative_path = ? AND dataset_id = ?',
            image.rootId,
            image.relativePath,
            datasetId,
          );
          if (existing === undefined) {
            throw new StoreError('not-found', `Dataset ${datasetId} has no folder ${image.rootId}`, {
              where: `dataset_roots, id ${image.rootId}`,
            });
          }
          return new Row('images', existing).number('id');
        }),
      ),
    update: (changes) =>
      connection.write(() => {
        for (const { id, ...change } of changes) {
          const update = updateById('images', id, assignments<Omit<ImageChange, 'id'>>(change, columns));
          if (update === null) continue;
          if (connection.run(update.sql, ...update.values).changes === 0) {
            throw new StoreError('not-found', `There is no image ${id}`, { where: `images, id ${id}` });
          }
        }
      }),
    get: (id) => {
      const value = connection.get('SELECT * FROM images WHERE id = ?', id);
      return value === undefined ? null : toImage(value);
    },
    find: (filter) => {
      const read = (afterId: number, limit: number): { rows: unknown[]; last: number } => {
        const { sql, values } = toCondition({ ...filter, afterId, limit });
        const rows = connection.all(`SELECT * ${sql}`, ...values);
        return { rows, last: rows.length === 0 ? afterId : new Row('images', rows.at(-1)).number('id') };
      };
      const all = 2 ** 31 - 1;
      return connection.page(toImage, filter.limit ?? all, filter.afterId ?? 0, read);
    },
    ids: (filter) => {
      const { sql, values } = toCondition(filter);
      return Float64Array.from(connection.lists(`SELECT id ${sql}`, ...values), ([id]) => id as number);
    },
    idsByPath: (filter) => {
      const { sql, values } = toCondition(filter, 'relative_path, id');
      return Float64Array.from(connection.lists(`SELECT id ${sql}`, ...values), ([id]) => id as number);
    },
    folders: (datasetId) =>
      connection
        .lists(
          // What is left of a path without the characters of its name at the end.
          `SELECT root_id, rtrim(relative_path, replace(relative_path, '/', '')) AS folder, count(*) FROM images
             WHERE dataset_id = ? GROUP BY root_id, folder ORDER BY root_id, folder`,
          datasetId,
        )
        .map(([rootId, path, images]) => ({ rootId: Number(rootId), path: String(path), images: Number(images) })),
    hashColumns: (filter) => {
      const { sql, values } = toCondition(filter);
      const rows = connection.lists(
        `SELECT id, content_hash, perceptual_hash, split IN ('val', 'test'), state = 'labelled' ${sql}`,
        ...values,
      );
      return {
        imageIds: Float64Array.from(rows, ([id]) => id as number),
        contentHashes: rows.map(([, content]) => textOrNull(content)),
        perceptualHashes: rows.map(([, , look]) => textOrNull(look)),
        heldOut: Uint8Array.from(rows, ([, , , heldOut]) => heldOut as number),
        labelled: Uint8Array.from(rows, ([, , , , labelled]) => labelled as number),
      };
    },
    count: (filter) => {
      const { sql, values } = toCondition(filter);
      const value = connection.get(`SELECT count(*) AS count FROM (SELECT id ${sql})`, ...values);
      return new Row('images', value).number('count');
    },
  };
}
