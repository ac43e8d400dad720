import { describe, expect, it } from 'vitest';
import { throwIfCancelled } from './errors.ts';
import { allOrAbort } from './allOrAbort.ts';
import type { RunOptions } from '../ports/ports.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

/** A part that goes on until it is stopped. */
function untilStopped(log: string[]): (task: RunOptions) => Promise<never> {
  return async ({ signal }) => {
    for (;;) {
      await turn();
      if (signal?.aborted !== true) continue;
      await turn();
      log.push('ended');
      throwIfCancelled(signal);
    }
  };
}

const failing = async (): Promise<never> => {
  throw new Error('broken');
};

describe('two parts of a task', () => {
  it('run beside each other', async () => {
    const waiting: (() => void)[] = [];
    const one = (): Promise<number> => new Promise((resolve) => waiting.push(() => resolve(1)));
    const other = async (): Promise<string> => {
      for (const goOn of waiting) goOn();
      return 'other';
    };
    expect(await allOrAbort({}, one, other)).toEqual([1, 'other']);
  });

  it.each([0, 1])('fail with what failed first, the other one stopped and waited for (%i)', async (place) => {
    const log: string[] = [];
    const [one, other] = place === 0 ? [failing, untilStopped(log)] : [untilStopped(log), failing];
    await expect(allOrAbort({}, one, other)).rejects.toThrow('broken');
    expect(log).toEqual(['ended']);
  });

  it('stop with the task', async () => {
    const log: string[] = [];
    const abort = new AbortController();
    const running = allOrAbort({ signal: abort.signal }, untilStopped(log), untilStopped(log));
    abort.abort();
    await expect(running).rejects.toMatchObject({ code: 'cancelled' });
    expect(log).toEqual(['ended', 'ended']);
  });
});
