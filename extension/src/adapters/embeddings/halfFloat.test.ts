import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halfTable, largestHalf, toHalfBits } from './halfFloat.ts';

describe('half-precision numbers', () => {
  it('come back bit for bit', () => {
    const table = halfTable();
    for (let bits = 0; bits < 0x10000; bits++) {
      const value = table[bits] ?? 0;
      if (!Number.isFinite(value)) continue;
      if (toHalfBits(value) !== bits) expect.fail(`${value} has the bits ${bits}, not ${toHalfBits(value)}`);
    }
  });

  it('are the nearest ones, with ties to the even one', () => {
    const table = halfTable();
    fc.assert(
      fc.property(fc.float({ min: -largestHalf, max: largestHalf, noNaN: true }), (value) => {
        const bits = toHalfBits(value);
        const error = Math.abs((table[bits] ?? 0) - value);
        for (const neighbour of [bits - 1, bits + 1]) {
          const other = table[neighbour & 0xffff] ?? 0;
          if (!Number.isFinite(other) || ((neighbour ^ bits) & 0x8000) !== 0) continue;
          const otherError = Math.abs(other - value);
          expect(error < otherError || (error === otherError && bits % 2 === 0) || other === value).toBe(true);
        }
      }),
    );
    expect(table[toHalfBits(1 + 2 ** -11)]).toBe(1);
    expect(table[toHalfBits(1 + 3 * 2 ** -11)]).toBe(1 + 2 ** -9);
    expect(table[toHalfBits(65519)]).toBe(65504);
  });
});
