import { expect, test } from 'vitest';
import { ChangeWatch } from './databaseWatch.ts';

class Database {
  version = 3;
  fails = false;
  async dataVersion(): Promise<number> {
    await Promise.resolve();
    if (this.fails) throw new Error('It is closed.');
    return this.version;
  }
}

test('a change after the first look is told once', async () => {
  const [watch, database] = [new ChangeWatch(), new Database()];
  expect(await watch.look(database)).toBe(false);
  expect(await watch.look(database)).toBe(false);
  database.version = 5;
  expect(await watch.look(database)).toBe(true);
  expect(await watch.look(database)).toBe(false);
});

test('a database that was opened anew counts as changed, whatever its number', async () => {
  const watch = new ChangeWatch();
  await watch.look(new Database());
  const next = new Database();
  expect(await watch.look(next)).toBe(true);
  expect(await watch.look(next)).toBe(false);
});

test('a look that fails forgets nothing, and two at once tell a change once', async () => {
  const [watch, database] = [new ChangeWatch(), new Database()];
  await watch.look(database);
  database.fails = true;
  await expect(watch.look(database)).rejects.toThrow('It is closed.');
  database.fails = false;
  database.version = 4;
  expect(await Promise.all([watch.look(database), watch.look(database)])).toEqual([true, false]);
});
