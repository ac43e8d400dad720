import { assert, float, property } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { halfTable, largestHalf, toHalfBits } from './halfFloat.ts';

describe('half-precision numbers', () => {
  it('are restored bit for bit', () => {
    const table = halfTable();
    const finite = Array.from({ length: 0x10000 }, (_, bits) => bits).filter((bits) => Number.isFinite(table[bits]));
    expect(finite).toHaveLength(63_488);
    expect(finite.filter((bits) => toHalfBits(table[bits] ?? Number.NaN) !== bits)).toEqual([]);
  });

  it('are the nearest ones, with ties to even', () => {
    const table = halfTable();
    assert(
      property(float({ min: -largestHalf, max: largestHalf, noNaN: true }), (value) => {
        const bits = toHalfBits(value);
        const error = Math.abs((table[bits] ?? 0) - value);
        for (const neighbour of [bits - 1, bits + 1]) {
          const other = table[neighbour & 0xffff] ?? 0;
          if (!Number.isFinite(other) || ((neighbour ^ bits) & 0x8000) !== 0) continue;
          const otherError = Math.abs(other - value);
          if (error > otherError || (error === otherError && bits % 2 === 1 && other !== value)) return false;
        }
        return true;
      }),
    );
    expect(table[toHalfBits(1 + 2 ** -11)]).toBe(1);
    expect(table[toHalfBits(1 + 3 * 2 ** -11)]).toBe(1 + 2 ** -9);
    expect(table[toHalfBits(65_519)]).toBe(65_504);
  });
});
