import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import { createKeyedQueue, createSerialQueue, mapLimit } from './concurrency.ts';

describe('mapLimit', () => {
  it('returns results in the order of the items and never runs more than the limit at once', async () => {
    let running = 0;
    let most = 0;
    const results = await mapLimit([30, 1, 20, 2, 10], 2, async (ms, index) => {
      most = Math.max(most, ++running);
      await sleep(ms);
      running--;
      return `${index}:${ms}`;
    });
    expect(results).toEqual(['0:30', '1:1', '2:20', '3:2', '4:10']);
    expect(most).toBe(2);
  });

  it('starts no further item after the first error', async () => {
    const started: number[] = [];
    const work = async (item: number): Promise<void> => {
      started.push(item);
      await sleep(1);
      if (item === 1) throw new Error('one');
    };
    await expect(mapLimit([0, 1, 2, 3, 4, 5], 2, work)).rejects.toThrow('one');
    await sleep(10);
    expect(started.length).toBeLessThanOrEqual(3);
  });

  it('accepts an empty list', async () => {
    await expect(mapLimit([], 4, async () => 1)).resolves.toEqual([]);
  });
});

describe('createSerialQueue', () => {
  it('runs tasks one after the other, and goes on after one that fails', async () => {
    const enqueue = createSerialQueue();
    const order: string[] = [];
    const task = (name: string, ms: number) => async (): Promise<string> => {
      order.push(`+${name}`);
      await sleep(ms);
      order.push(`-${name}`);
      return name;
    };
    const slow = enqueue(task('slow', 10));
    const failing = enqueue(async () => Promise.reject(new Error('no')));
    const last = enqueue(task('last', 0));
    await expect(failing).rejects.toThrow('no');
    await expect(Promise.all([slow, last])).resolves.toEqual(['slow', 'last']);
    expect(order).toEqual(['+slow', '-slow', '+last', '-last']);
  });

  it('reports an error to its own caller alone', async () => {
    const enqueue = createSerialQueue();
    await expect(enqueue(async () => Promise.reject(new Error('first')))).rejects.toThrow('first');
    await expect(enqueue(async () => 2)).resolves.toBe(2);
  });
});

describe('createKeyedQueue', () => {
  it('keeps the order within a key and lets other keys pass', async () => {
    const enqueue = createKeyedQueue();
    const order: string[] = [];
    const task = (name: string, ms: number) => async (): Promise<void> => {
      await sleep(ms);
      order.push(name);
    };
    await Promise.all([enqueue('a', task('a1', 20)), enqueue('a', task('a2', 0)), enqueue('b', task('b1', 0))]);
    expect(order).toEqual(['b1', 'a1', 'a2']);
  });
});
