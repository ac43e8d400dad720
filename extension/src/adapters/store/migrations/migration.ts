/** One numbered step of the schema. Released steps are never edited: a change is a new step. */
export interface Migration {
  /** The `user_version` that the database has after it: 1, 2, 3, … without gaps. */
  readonly version: number;
  readonly name: string;
  /** Statements that run inside one transaction, with foreign keys checked at its end. */
  readonly sql: string;
}
