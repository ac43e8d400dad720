import type Database from 'better-sqlite3';
import type { Clock } from '../../../workflow/ports/clock.ts';
import { toStoreError } from './sqliteErrors.ts';
import { StoreError } from '../storeError.ts';

/** A parameter of a statement. Booleans are 0 and 1; a bigint is stored as an integer in any column. */
export type SqlValue = string | number | bigint | null | Uint8Array;

export interface RunOutcome {
  readonly changes: number;
  readonly lastId: number;
}

/** The open database for the repositories: cached statements, transactions, errors as `StoreError`. */
export class Connection {
  readonly databasePath: string;
  readonly #database: Database.Database;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #statements = new Map<string, Database.Statement>();
  /** Damaged rows that were already reported. */
  readonly #reported = new Set<string>();
  #warnings: string[] = [];

  constructor(database: Database.Database, databasePath: string, clock: Pick<Clock, 'now'>) {
    this.#database = database;
    this.databasePath = databasePath;
    this.#clock = clock;
  }

  /** ISO 8601 in UTC. */
  now(): string {
    return this.#clock.now();
  }

  get(sql: string, ...values: readonly SqlValue[]): unknown {
    return this.#guard(() => this.#prepare(sql).get(...values));
  }

  all(sql: string, ...values: readonly SqlValue[]): unknown[] {
    return this.#guard(() => this.#prepare(sql).all(...values));
  }

  /**
   * The rows, converted with `toRow`. A row with an invalid column is omitted, and `takeWarnings` reports it.
   */
  rows<Result>(toRow: (value: unknown) => Result, sql: string, ...values: readonly SqlValue[]): Result[] {
    return this.all(sql, ...values).flatMap((value) => this.unlessCorrupt(() => [toRow(value)]) ?? []);
  }

  /** A page of `limit` rows after a key. Further rows replace damaged ones, so that only the last page is shorter. */
  page<Result>(
    toRow: (value: unknown) => Result,
    limit: number,
    after: number,
    read: (after: number, limit: number) => { readonly rows: readonly unknown[]; readonly last: number },
  ): Result[] {
    const page: Result[] = [];
    for (let from = after; ;) {
      const wanted = limit - page.length;
      const { rows, last } = read(from, wanted);
      page.push(...rows.flatMap((value) => this.unlessCorrupt(() => [toRow(value)]) ?? []));
      if (rows.length < wanted || page.length === limit) return page;
      from = last;
    }
  }

  /** The result of `read`, or null if the row is damaged; `takeWarnings` then reports it. */
  unlessCorrupt<Result>(read: () => Result): Result | null {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'corrupt-row') throw error;
      const { where = '', message, hint } = error;
      if (!this.#reported.has(where)) this.#warnings.push(`${message}. This row is left out. ${hint}`);
      this.#reported.add(where);
      return null;
    }
  }

  /** Warnings about damaged rows since the last call. */
  takeWarnings(): string[] {
    const warnings = this.#warnings;
    this.#warnings = [];
    return warnings;
  }

  /** Rows as lists of their columns, for long scans. */
  lists(sql: string, ...values: readonly SqlValue[]): unknown[][] {
    return this.#guard(() => {
      const key = `lists ${sql}`;
      const statement = this.#statements.get(key) ?? this.#database.prepare(sql).raw();
      this.#statements.set(key, statement);
      return statement.all(...values) as unknown[][];
    });
  }

  run(sql: string, ...values: readonly SqlValue[]): RunOutcome {
    return this.#guard(() => {
      const { changes, lastInsertRowid } = this.#prepare(sql).run(...values);
      return { changes, lastId: Number(lastInsertRowid) };
    });
  }

  /**
   * Runs `work` in a transaction. Takes the write lock at the start, so that no other process can change what `work` has
   * read before it writes.
   */
  write<Result>(work: () => Result): Result {
    this.run('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.run('COMMIT');
      return result;
    } catch (error) {
      // After some errors, such as a full disk, SQLite has already rolled back.
      if (this.#database.inTransaction) this.run('ROLLBACK');
      throw error;
    }
  }

  /** Runs several reads on one snapshot of the database. */
  read<Result>(work: () => Result): Result {
    this.run('BEGIN');
    try {
      return work();
    } finally {
      if (this.#database.inTransaction) this.run('COMMIT');
    }
  }

  /** A number that changes when another connection writes. */
  dataVersion(): number {
    return Number(this.#guard(() => this.#database.pragma('data_version', { simple: true })));
  }

  /** Merges the write-ahead log into the file and closes it. May be called again. */
  close(): void {
    if (!this.#database.open) return;
    this.#statements.clear();
    try {
      this.#database.pragma('optimize');
    } catch {
      // Optional statistics for the query planner: a full or locked disk must not prevent the close.
    }
    this.#guard(() => this.#database.close());
  }

  #prepare(sql: string): Database.Statement {
    let statement = this.#statements.get(sql);
    if (statement === undefined) {
      statement = this.#database.prepare(sql);
      this.#statements.set(sql, statement);
    }
    return statement;
  }

  #guard<Result>(work: () => Result): Result {
    try {
      return work();
    } catch (error) {
      throw toStoreError(error, this.databasePath);
    }
  }
}
