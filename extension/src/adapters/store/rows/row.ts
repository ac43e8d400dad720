import type * as z from 'zod';
import { schemaIssue } from '../../../core/text/schemaIssue.ts';
import { StoreError } from '../storeError.ts';

/** Far above real values: predicted boxes with scores for a thousand classes take 12 MB as JSON. */
const longestValue = 64 * 1024 * 1024;

/**
 * One row of a table with validated values, because other programs may have changed the database.
 * Each reader throws `corrupt-row` with table, row and column for an invalid value.
 */
export class Row {
  readonly table: string;
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #key: readonly string[];

  /** @param key the columns that identify the row in a message. */
  constructor(table: string, value: unknown, key: readonly string[] = ['id']) {
    this.table = table;
    this.#key = key;
    this.#values = isRecord(value) ? value : {};
  }

  text(column: string): string {
    const value = this.#values[column];
    return typeof value === 'string' ? this.#bounded(column, value) : this.#fail(column, 'is not a text');
  }

  number(column: string): number {
    const value = this.#values[column];
    return typeof value === 'number' ? value : this.#fail(column, 'is not a number');
  }

  boolean(column: string): boolean {
    return this.number(column) !== 0;
  }

  blob(column: string): Uint8Array {
    const value = this.#values[column];
    return value instanceof Uint8Array ? this.#bounded(column, value) : this.#fail(column, 'is not a blob');
  }

  blobOrNull(column: string): Uint8Array | null {
    return this.#values[column] === null ? null : this.blob(column);
  }

  textOrNull(column: string): string | null {
    return this.#values[column] === null ? null : this.text(column);
  }

  numberOrNull(column: string): number | null {
    return this.#values[column] === null ? null : this.number(column);
  }

  /** A stored value, validated by the schema. */
  value<Schema extends z.ZodType>(column: string, schema: Schema): z.output<Schema> {
    const value = this.#values[column];
    const parsed = schema.safeParse(typeof value === 'string' ? this.#bounded(column, value) : value);
    if (parsed.success) return parsed.data;
    return this.#fail(column, `is invalid: it ${schemaIssue(parsed.error.issues[0]?.message ?? '')}`, parsed.error);
  }

  /** A text that must be a key of `allowed`. */
  oneOf<Allowed extends string>(column: string, allowed: Readonly<Record<Allowed, true>>): Allowed {
    const text = this.text(column);
    return isKey(text, allowed)
      ? text
      : this.#fail(column, `is "${text}" and not one of ${Object.keys(allowed).join(', ')}`);
  }

  oneOfOrNull<Allowed extends string>(column: string, allowed: Readonly<Record<Allowed, true>>): Allowed | null {
    return this.#values[column] === null ? null : this.oneOf(column, allowed);
  }

  /** A JSON column, validated by the schema. */
  json<Schema extends z.ZodType>(column: string, schema: Schema): z.output<Schema> {
    let value: unknown;
    try {
      value = JSON.parse(this.text(column));
    } catch (error) {
      if (error instanceof StoreError) throw error;
      return this.#fail(column, 'is not valid JSON', error);
    }
    const parsed = schema.safeParse(value);
    if (parsed.success) return parsed.data;
    const issue = parsed.error.issues[0];
    return this.#fail(
      column,
      `does not fit at "${issue?.path.join('.') ?? ''}": it ${schemaIssue(issue?.message ?? '')}`,
      parsed.error,
    );
  }

  jsonOrNull<Schema extends z.ZodType>(column: string, schema: Schema): z.output<Schema> | null {
    return this.#values[column] === null ? null : this.json(column, schema);
  }

  /** Decodes a blob or text whose decoder throws `RangeError` for bad input. */
  decode<Result>(column: string, decoder: () => Result): Result {
    try {
      return decoder();
    } catch (error) {
      return this.#fail(column, error instanceof Error ? error.message : String(error), error);
    }
  }

  #bounded<Value extends { readonly length: number }>(column: string, value: Value): Value {
    return value.length <= longestValue ? value : this.#fail(column, `is longer than ${longestValue} bytes`);
  }

  #fail(column: string, problem: string, cause?: unknown): never {
    const key = this.#key.map((name) => `${name} ${String(this.#values[name])}`).join(', ');
    throw new StoreError('corrupt-row', `Table ${this.table}, ${key}: column ${column} ${problem}`, {
      where: `${this.table}, ${key}`,
      cause,
    });
  }
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

function isKey<Key extends string>(text: string, keys: Readonly<Record<Key, true>>): text is Key {
  return Object.hasOwn(keys, text);
}
