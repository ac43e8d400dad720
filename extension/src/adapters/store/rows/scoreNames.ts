import type { Connection } from '../database/connection.ts';
import { Row } from './row.ts';

/** The table `metrics`: a number for each score name. Rows are never changed or removed, so the cache stays valid. */
export class ScoreNames {
  readonly #connection: Connection;
  readonly #ids = new Map<string, number>();
  readonly #names = new Map<number, string>();

  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Numbers new names in a separate transaction, so that a later failure does not undo it. */
  learn(names: Iterable<string>): void {
    const unknown = [...new Set(names)].filter((name) => !this.#ids.has(name));
    if (unknown.length === 0) return;
    this.#connection.write(() => {
      for (const name of unknown) {
        this.#connection.run('INSERT INTO metrics (name) VALUES (?) ON CONFLICT (name) DO NOTHING', name);
      }
    });
    this.#read();
  }

  /** The number of a name that was passed to `learn`. */
  idOf = (name: string): number => this.find(name) ?? -1;

  /** The number of a name, or null if no prediction has ever had that score. */
  find(name: string): number | null {
    if (!this.#ids.has(name)) this.#read();
    return this.#ids.get(name) ?? null;
  }

  /** The name with this number. @throws RangeError for an unknown number. */
  nameOf = (id: number): string => {
    if (!this.#names.has(id)) this.#read();
    const name = this.#names.get(id);
    if (name === undefined) throw new RangeError(`names the metric ${id}, which is not there`);
    return name;
  };

  #read(): void {
    for (const value of this.#connection.all('SELECT * FROM metrics')) {
      const row = new Row('metrics', value);
      this.#ids.set(row.text('name'), row.number('id'));
      this.#names.set(row.number('id'), row.text('name'));
    }
  }
}
