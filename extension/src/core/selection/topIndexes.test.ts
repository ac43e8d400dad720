import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { RankTable, topIndexes } from './topIndexes.ts';

const score = fc.oneof(fc.integer({ min: 0, max: 5 }), fc.constant(Number.NaN));

const eligible = (i: number): boolean => i % 4 !== 3;

describe('ranking', () => {
  test('the highest, ties by index, are those that sorting everything would give', () => {
    fc.assert(
      fc.property(fc.array(score, { maxLength: 60 }), fc.integer({ min: 0, max: 70 }), (values, count) => {
        const sorted = [...values.keys()]
          .filter((i) => eligible(i) && !Number.isNaN(values[i]))
          .toSorted((a, b) => (values[b] ?? 0) - (values[a] ?? 0) || a - b);
        expect(topIndexes(Float64Array.from(values), count, eligible)).toEqual(sorted.slice(0, count));
      }),
    );
  });

  test('ranks count the values below', () => {
    fc.assert(
      fc.property(fc.array(score, { maxLength: 40 }), fc.integer({ min: -1, max: 6 }), (values, value) => {
        const ranks = new RankTable(Float64Array.from(values));
        expect(ranks.below(value)).toBe(values.filter((other) => other < value).length);
        expect(ranks.count).toBe(values.filter((other) => !Number.isNaN(other)).length);
      }),
    );
  });
});
