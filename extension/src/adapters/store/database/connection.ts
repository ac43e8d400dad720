import type Database from 'better-sqlite3';
import type { Clock } from '../../../workflow/ports/clock.ts';
import { toStoreError } from './sqliteErrors.ts';
import { StoreError } from '../storeError.ts';

/** What a statement may be given. Booleans are 0 and 1; a bigint is stored as an integer whatever the column. */
export type SqlValue = string | number | bigint | null | Uint8Array;

export interface RunOutcome {
  readonly changes: number;
  readonly lastId: number;
}

/** The open database as the repositories use it: cached statements, transactions, errors as `StoreError`. */
export class Connection {
  readonly databasePath: string;
  readonly #database: Database.Database;
  readonly #clock: Pick<Clock, 'now'>;
  readonly #statements = new Map<string, Database.Statement>();
  /** Each row that was left out of a list, reported once. */
  readonly #hidden = new Set<string>();
  #news: string[] = [];

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
   * The rows as `toRow` reads them. One that does not fit its columns' meaning hides itself alone: the list comes without
   * it, and `takeNews` reports it.
   */
  rows<Result>(toRow: (value: unknown) => Result, sql: string, ...values: readonly SqlValue[]): Result[] {
    return this.all(sql, ...values).flatMap((value) => this.unlessCorrupt(() => [toRow(value)]) ?? []);
  }

  /** A page of `limit` rows after a key, filled up if rows are left out: a short page is the last one. */
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

  /** What `read` gives, or null if the row is damaged, which `takeNews` then reports. */
  unlessCorrupt<Result>(read: () => Result): Result | null {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof StoreError) || error.code !== 'corrupt-row') throw error;
      const { where = '', message, hint } = error;
      if (!this.#hidden.has(where)) this.#news.push(`${message}. This row is left out. ${hint}`);
      this.#hidden.add(where);
      return null;
    }
  }

  /** Sentences about damaged rows since the last call. */
  takeNews(): string[] {
    const news = this.#news;
    this.#news = [];
    return news;
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
   * All of `work` or nothing of it. The write lock is taken at the start, so that what `work` reads is still true
   * when it writes, also against other processes.
   */
  write<Result>(work: () => Result): Result {
    this.run('BEGIN IMMEDIATE');
    try {
      const result = work();
      this.run('COMMIT');
      return result;
    } catch (error) {
      // SQLite has rolled back by itself after some errors, a full disk among them.
      if (this.#database.inTransaction) this.run('ROLLBACK');
      throw error;
    }
  }

  /** Several reads of one state of the database. */
  read<Result>(work: () => Result): Result {
    this.run('BEGIN');
    try {
      return work();
    } finally {
      if (this.#database.inTransaction) this.run('COMMIT');
    }
  }

  /** Changes when another connection wrote. */
  dataVersion(): number {
    return Number(this.#guard(() => this.#database.pragma('data_version', { simple: true })));
  }

  /** Brings the log into the file and closes it. Harmless when it is closed. */
  close(): void {
    if (!this.#database.open) return;
    this.#statements.clear();
    try {
      this.#database.pragma('optimize');
    } catch {
      // Only statistics for the planner: a full or locked disk must not keep the file open.
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
