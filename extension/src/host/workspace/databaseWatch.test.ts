import { expect, test } from 'vitest';
import { DatabaseWatch } from './databaseWatch.ts';

class Database {
  version = 3;
  fails = false;
  async dataVersion(): Promise<number> {
    await Promise.resolve();
    if (this.fails) throw new Error('It is closed.');
    return this.version;
  }
}

test('reports a change after the first call once', async () => {
  const [watch, database] = [new DatabaseWatch(), new Database()];
  expect(await watch.hasChanged(database)).toBe(false);
  expect(await watch.hasChanged(database)).toBe(false);
  database.version = 5;
  expect(await watch.hasChanged(database)).toBe(true);
  expect(await watch.hasChanged(database)).toBe(false);
});

test('a reopened database counts as changed, whatever its version', async () => {
  const watch = new DatabaseWatch();
  await watch.hasChanged(new Database());
  const next = new Database();
  expect(await watch.hasChanged(next)).toBe(true);
  expect(await watch.hasChanged(next)).toBe(false);
});

test('a failed call loses no change, and two calls at once report it once', async () => {
  const [watch, database] = [new DatabaseWatch(), new Database()];
  await watch.hasChanged(database);
  database.fails = true;
  await expect(watch.hasChanged(database)).rejects.toThrow('It is closed.');
  database.fails = false;
  database.version = 4;
  expect(await Promise.all([watch.hasChanged(database), watch.hasChanged(database)])).toEqual([true, false]);
});
