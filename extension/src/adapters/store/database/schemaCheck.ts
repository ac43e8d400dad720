import Database from 'better-sqlite3';
import type { Migration } from '../migrations/migration.ts';
import { StoreError } from '../storeError.ts';

/** More objects than any of our schemas has. */
const mostObjects = 1000;

/** Tables that SQLite adds for its statistics. */
const ownOfSqlite = new Set([
  'table sqlite_stat1 CREATE TABLE sqlite_stat1(tbl,idx,stat)',
  'table sqlite_stat4 CREATE TABLE sqlite_stat4(tbl,idx,neq,nlt,ndlt,sample)',
]);

/** Every object of the schema as `type name SQL`. Reads only the list: no view, trigger or expression runs. */
function objectsOf(database: Database.Database): string[] {
  const rows = database.prepare(`SELECT type, name, sql FROM sqlite_schema LIMIT ${mostObjects}`).raw().all();
  return (rows as unknown[][]).map(([type, name, sql]) => {
    // Versions of SQLite use different quotes and spaces when they rewrite a table.
    const plain = typeof sql === 'string' ? sql.replaceAll('"', '').replaceAll(/\s+/gu, ' ').trim() : '';
    return `${String(type)} ${String(name)} ${plain}`;
  });
}

/** Type and name of an object, shortened for a message. */
const nameOf = (object: string): string => object.split(' ').slice(0, 2).join(' ').slice(0, 100);

function madeBy(migrations: readonly Migration[]): string[] {
  const database = new Database(':memory:');
  try {
    for (const { sql } of migrations) database.exec(sql);
    return objectsOf(database);
  } finally {
    database.close();
  }
}

/**
 * Checks that the schema equals the one that our migrations up to that version create, before any statement uses it. An
 * untrusted file may contain a view in place of a table, a trigger, or a column or index with an expression: a single
 * read could then take forever and could not be stopped.
 * @throws StoreError `foreign-schema`.
 */
export function checkSchema(
  database: Database.Database,
  databasePath: string,
  version: number,
  migrations: readonly Migration[],
): void {
  const known = new Set(madeBy(migrations.filter((migration) => migration.version <= version)));
  const found = new Set(objectsOf(database));
  const foreign = [...found].find((object) => !known.has(object) && !ownOfSqlite.has(object));
  const missing = [...known].find((object) => !found.has(object));
  const encoding = version === 0 ? 'UTF-8' : String(database.pragma('encoding', { simple: true }));
  const reason =
    foreign !== undefined
      ? `holds a ${nameOf(foreign)} that is not ours`
      : missing !== undefined
        ? `lacks the ${nameOf(missing)}`
        : encoding === 'UTF-8'
          ? null
          : `is stored as ${encoding}`;
  if (reason === null) return;
  throw new StoreError('foreign-schema', `The session database ${reason}: ${databasePath}`, { where: databasePath });
}
