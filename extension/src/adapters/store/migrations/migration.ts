/** One numbered schema step. Never edit a released step; add a new one. */
export interface Migration {
  /** The `user_version` of the database after this step: 1, 2, 3, … without gaps. */
  readonly version: number;
  readonly name: string;
  /** Statements that run in one transaction, with a check of foreign keys at the end. */
  readonly sql: string;
}
