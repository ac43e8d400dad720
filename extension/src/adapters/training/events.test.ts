import { appendFile, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEventReader, parseEvent, type EventReader } from './events.ts';
import { nodeFiles } from '../python/fileOps.ts';
import { temporaryFolder } from './testing/runs.ts';

const time = '2026-01-01T00:00:00.000Z';
let folder: Awaited<ReturnType<typeof temporaryFolder>>;
let path: string;
let problems: string[];
let reader: EventReader;

beforeEach(async () => {
  folder = await temporaryFolder();
  path = join(folder.path, 'events.jsonl');
  problems = [];
  reader = createEventReader(nodeFiles, path, (message) => problems.push(message));
});

afterEach(() => folder.remove());

const line = (sequence: number, message = 'x'): string =>
  `${JSON.stringify({ sequence, time, kind: 'log', message })}\n`;

async function read(from: EventReader = reader): Promise<number[]> {
  return (await from.read()).map(({ sequence }) => sequence);
}

describe('parseEvent', () => {
  it.each([
    { kind: 'started', pid: 5, device: 'cpu', epochs: 3, resumedAt: 2 },
    { kind: 'batch', epoch: 1, batch: 2, batches: 3 },
    { kind: 'epoch', epoch: 1, epochs: 3, seconds: 1.5, losses: { box_loss: 1, l1_loss: 2 } },
    { kind: 'metrics', epoch: 1, values: { map50: 0 } },
    { kind: 'log', message: 'ü' },
    { kind: 'warning', code: 'a', message: 'b' },
    { kind: 'warning', code: 'image-ignored', message: 'b', image: 7, reason: 'c' },
    { kind: 'finished', status: 'cancelled' },
    { kind: 'failed', error: { name: 'E', code: 'disk-full', message: 'm', hint: 'h', where: 'w' } },
  ])('reads $kind', (event) => {
    expect(parseEvent(JSON.stringify({ sequence: 1, time, ...event }))).toEqual({ sequence: 1, time, ...event });
  });

  it('omits numbers that JSON cannot represent, and keys that are null', () => {
    const epoch = { sequence: 1, time, kind: 'epoch', epoch: 1, epochs: 2, seconds: 1 };
    expect(parseEvent(JSON.stringify({ ...epoch, losses: { box_loss: null, cls_loss: 1 } }))).toMatchObject({
      losses: { cls_loss: 1 },
    });
    const started = { sequence: 1, time, kind: 'started', pid: 1, device: 'cpu', epochs: 1, resumedAt: null };
    expect(parseEvent(JSON.stringify(started))).not.toHaveProperty('resumedAt');
  });

  it.each([
    '',
    '[]',
    '{',
    'null',
    '{"sequence": 0, "time": "", "kind": "log", "message": ""}',
    '{"sequence": 1, "time": "", "kind": "new"}',
  ])('reports the problem in %j', (text) => {
    expect(parseEvent(text)).toEqual({ problem: expect.any(String) });
  });
});

describe('createEventReader', () => {
  it('has nothing to read from an absent or empty file', async () => {
    expect(await read()).toEqual([]);
    await writeFile(path, '');
    expect(await read()).toEqual([]);
  });

  it('reads the new lines, and leaves an unfinished line for later', async () => {
    const third = line(3, 'ü');
    await writeFile(path, line(1) + line(2) + third.slice(0, 30));
    expect(await read()).toEqual([1, 2]);
    expect(await read()).toEqual([]);
    await appendFile(path, third.slice(30, -1));
    expect(await read()).toEqual([]);
    await appendFile(path, `\n${line(4)}`);
    expect(await read()).toEqual([3, 4]);
    expect(problems).toEqual([]);
  });

  it('returns the same events for chunks of any size', async () => {
    const text = Buffer.from(Array.from({ length: 12 }, (_, index) => line(index + 1, '图ü'.repeat(index))).join(''));
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 1, max: 90 }), { minLength: 1, maxLength: 12 }), async (sizes) => {
        await rm(path, { force: true });
        const fresh = createEventReader(nodeFiles, path, (message) => problems.push(message));
        const seen: number[] = [];
        for (let at = 0, turn = 0; at < text.length; turn += 1) {
          const end = at + (sizes[turn % sizes.length] ?? 1);
          await appendFile(path, text.subarray(at, end));
          seen.push(...(await read(fresh)));
          at = end;
        }
        expect(seen).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
        expect(problems).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  it('skips damaged lines with one warning that contains their position', async () => {
    await writeFile(path, `${line(1)}{"sequence": 2, "ti\n\n${line(3)}`);
    expect(await read()).toEqual([1, 3]);
    expect(await read()).toEqual([]);
    expect(problems).toEqual([`${path}: the line at byte ${line(1).length} is not JSON and was skipped.`]);
  });

  it('continues after a resumed trainer removed the unfinished line', async () => {
    await writeFile(path, line(1) + line(2).slice(0, 20));
    expect(await read()).toEqual([1]);
    await truncate(path, line(1).length);
    await appendFile(path, line(2) + line(3));
    expect(await read()).toEqual([2, 3]);
  });

  it('returns no event twice if the file is truncated, removed or rewritten', async () => {
    await writeFile(path, line(1) + line(2) + line(3));
    expect(await read()).toEqual([1, 2, 3]);
    await writeFile(path, line(1) + line(2));
    expect(await read()).toEqual([]);
    await appendFile(path, line(3) + line(4));
    expect(await read()).toEqual([4]);
    await rm(path);
    expect(await read()).toEqual([]);
    await writeFile(path, line(4) + line(5));
    expect(await read()).toEqual([5]);
  });

  it('begins after the given sequence', async () => {
    await writeFile(path, line(1) + line(2) + line(3));
    expect(await read(createEventReader(nodeFiles, path, () => {}, 2))).toEqual([3]);
  });

  it('reads lines longer than a chunk', async () => {
    const long = 'ü'.repeat(150_000);
    await writeFile(path, line(1) + line(2, long) + line(3));
    const events = await reader.read();
    expect(events[1]).toEqual({ sequence: 2, time, kind: 'log', message: long });
    expect(events).toHaveLength(3);
    expect((await readFile(path)).length).toBeGreaterThan(300_000);
  });

  it.each([
    ['a loss beyond every number', '{"sequence":2,"time":"t","kind":"metrics","epoch":1,"values":{"map50":1e999}}'],
    ['a negative sequence', '{"sequence":-2,"time":"t","kind":"log","message":""}'],
    ['a sequence without end', '{"sequence":1e308,"time":"t","kind":"log","message":""}'],
    ['half a sequence', '{"sequence":1.5,"time":"t","kind":"log","message":""}'],
    ['a negative epoch', '{"sequence":2,"time":"t","kind":"metrics","epoch":-1,"values":{}}'],
    [
      'an epoch that lasted for ever',
      '{"sequence":2,"time":"t","kind":"epoch","epoch":1,"epochs":1,"seconds":1e308,"losses":{}}',
    ],
    ['NaN', '{"sequence":2,"time":"t","kind":"metrics","epoch":1,"values":{"map50":NaN}}'],
    ['a NUL', '{"sequence":2\0,"time":"t","kind":"log","message":""}'],
    ['an array', '[]'],
    ['nothing but brackets', '['.repeat(500_000)],
  ])('skips %s with a warning', async (_, wild) => {
    await writeFile(path, `${line(1)}${wild}\n${line(3)}`);
    expect(await read()).toEqual([1, 3]);
    expect(problems).toEqual([expect.stringMatching(/: the line at byte \d+ .* and was skipped\.$/)]);
  });

  it('skips a line of 100 MB in bounded memory, with one warning', async () => {
    await writeFile(path, line(1));
    const block = Buffer.alloc(1024 * 1024, 'x');
    for (let megabytes = 0; megabytes < 100; megabytes += 1) await appendFile(path, block);
    await appendFile(path, `\n${line(2)}`);
    const seen: number[] = [];
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    do {
      seen.push(...(await read()));
      // Measure memory in use, without garbage.
      collectGarbage();
      expect(process.memoryUsage().arrayBuffers).toBeLessThan(64 * 1024 * 1024);
    } while (!reader.atEnd);
    expect(seen).toEqual([1, 2]);
    expect(problems).toEqual([
      `${path}: the line at byte ${line(1).length} is longer than 1048576 bytes and was skipped.`,
    ]);
  });

  it('reports twenty invalid lines, and no more', async () => {
    await writeFile(path, `${'rubbish\n'.repeat(1000)}${line(1)}`);
    expect(await read()).toEqual([1]);
    expect(problems).toHaveLength(21);
  });
});
