import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { createInterface } from 'node:readline';
import Database from 'better-sqlite3';
import { afterEach, describe, expect, it } from 'vitest';
import { Workbench } from './testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

/** Runs the writer and kills it after this many lines. @returns everything it printed. */
async function writeAndKill(databasePath: string, lines: number): Promise<string[]> {
  const writer = path.join(import.meta.dirname, 'testing', 'writeVerdicts.ts');
  const child = spawn(process.execPath, [writer, databasePath], { stdio: ['ignore', 'pipe', 'inherit'] });
  const printed: string[] = [];
  const ended = once(child, 'close');
  for await (const line of createInterface({ input: child.stdout })) {
    printed.push(line);
    if (printed.length === lines) child.kill('SIGKILL');
  }
  await ended;
  return printed;
}

describe('a process that is killed while it writes', () => {
  it.each([1, 37, 250])(
    'leaves every confirmed verdict, and a whole database, after %i confirmations',
    async (lines) => {
      const databasePath = bench.databasePath();
      const printed = await writeAndKill(databasePath, lines);
      expect(printed.length).toBeGreaterThanOrEqual(lines);

      const store = bench.open(databasePath);
      const reader = new Database(databasePath, { readonly: true });
      expect(reader.pragma('integrity_check', { simple: true })).toBe('ok');
      expect(reader.pragma('foreign_key_check')).toEqual([]);
      const stateOf = reader.prepare('SELECT state FROM label_events WHERE id = ?').pluck();
      const begun = printed.filter((line) => line.startsWith('begun')).map((line) => Number(line.split(' ')[1]));
      const done = printed.filter((line) => line.startsWith('done')).map((line) => line.split(' ').map(Number));
      expect(begun.map((id) => stateOf.get(id)).filter((state) => state !== 'pending' && state !== 'done')).toEqual([]);
      expect(done.map(([, id]) => stateOf.get(id))).toEqual(done.map(() => 'done'));
      expect(done.map(([, , sample]) => store.samples.get(sample ?? 0)?.verdict)).toEqual(done.map(() => 'accepted'));
      // An event is stored together with image and sample, or not at all.
      const halves = reader
        .prepare(
          `SELECT count(*) FROM label_events AS event JOIN images ON images.id = event.image_id
         WHERE event.state = 'done' AND NOT EXISTS (SELECT 1 FROM label_events AS later WHERE later.image_id = event.image_id
           AND later.state = 'done' AND later.id > event.id) AND images.label_hash IS NOT 'hash ' || event.id`,
        )
        .pluck()
        .get();
      reader.close();
      expect(halves).toBe(0);
      // Interrupted writes are marked as such, and another process can finish them.
      for (const event of store.labelEvents.pending())
        store.labelEvents.complete(event.id, { labelHash: 'found on disk' });
      expect(store.labelEvents.pending()).toEqual([]);
    },
  );
});
