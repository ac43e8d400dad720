import { describe, expect, it } from 'vitest';
import { PacedItems } from './pacedItems.ts';

/** Takes as many items as there are, `batch` at a time, each batch in `milliseconds`. */
async function run(paced: PacedItems<number>, batch: number, pass: () => void): Promise<number> {
  const items = paced[Symbol.asyncIterator]();
  let open = 0;
  let total = 0;
  const flush = (): void => {
    if (open === 0) return;
    pass();
    for (; open > 0; open--) paced.arrived();
  };
  for (;;) {
    // A reader that waits for more items than there are continues with those it has.
    const next = items.next();
    const step = await Promise.race([next, new Promise<null>((resolve) => setImmediate(() => resolve(null)))]);
    if (step === null) flush();
    const { done = false } = step ?? (await next);
    if (done) break;
    total += 1;
    open += 1;
    if (open === batch) flush();
  }
  flush();
  return total;
}

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index).values();

describe('PacedItems', () => {
  it('measures what comes after the warm-up, also where a batch arrives at once', async () => {
    let clock = 0;
    let passes = 0;
    const paced = new PacedItems(numbers(64), { warmUp: 16, now: () => clock });
    // The first pass is the slow one; the others take 80 ms for 16 items.
    expect(await run(paced, 16, () => (clock += passes++ === 0 ? 5000 : 80))).toBe(64);
    expect(paced.millisecondsEach).toBe(5);
  });

  it('waits for the warm-up, so that a batch greater than it cannot hide what it costs', async () => {
    let clock = 0;
    const paced = new PacedItems(numbers(48), { warmUp: 16, now: () => clock });
    await run(paced, 48, () => (clock += 320));
    expect(paced.millisecondsEach).toBe(10);
  });

  it('ends when no more is wanted, and leaves the rest in the source', async () => {
    let clock = 0;
    const source = numbers(100);
    const paced = new PacedItems(source, {
      warmUp: 2,
      now: () => clock,
      more: (measured, ms) => measured < 4 || ms < 50,
    });
    expect(await run(paced, 1, () => (clock += 10))).toBe(7);
    expect(source.next().value).toBe(7);
  });

  it('knows no speed where the items end with the warm-up', async () => {
    const paced = new PacedItems(numbers(2), { warmUp: 2, now: () => 0 });
    expect(await run(paced, 1, () => undefined)).toBe(2);
    expect(paced.isWarm).toBe(true);
    expect(paced.millisecondsEach).toBeNull();
  });
});
