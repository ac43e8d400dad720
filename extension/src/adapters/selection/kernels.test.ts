import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { eachBlock, highestDots, plainKernel, type RowSet } from '../../core/selection/kernel.ts';
import { createSimdKernel } from './simdKernel.ts';

const simd = createSimdKernel();
const value = fc.float({ noNaN: true, noDefaultInfinity: true, min: -2, max: 2 });

/** Rows drawn from a matrix, some of them twice. */
const anyPair = fc.integer({ min: 1, max: 40 }).chain((dimensions) =>
  fc
    .tuple(
      fc.array(value, { minLength: 7 * dimensions, maxLength: 7 * dimensions }),
      fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 20 }),
      fc.array(fc.integer({ min: 0, max: 6 }), { maxLength: 20 }),
    )
    .map(([values, a, b]) => {
      const vectors = Float32Array.from(values);
      const rows = (list: readonly number[]): RowSet => ({ dimensions, vectors, rows: Int32Array.from(list) });
      return { a: rows(a), b: rows(b) };
    }),
);

test('the SIMD kernel gives the same bits as the plain one', () => {
  fc.assert(
    fc.property(anyPair, ({ a, b }) => {
      const length = a.rows.length * b.rows.length;
      const [expected, actual] = [new Float32Array(length), new Float32Array(length)];
      plainKernel.dots(a, b, expected);
      simd?.dots(a, b, actual);
      expect(simd).not.toBeNull();
      expect(actual).toEqual(expected);
    }),
    { numRuns: 300 },
  );
});

test('both kernels compute dot products', () => {
  fc.assert(
    fc.property(anyPair, ({ a, b }) => {
      const out = new Float32Array(a.rows.length * b.rows.length);
      plainKernel.dots(a, b, out);
      for (const [i, rowA] of a.rows.entries()) {
        for (const [j, rowB] of b.rows.entries()) {
          let sum = 0;
          for (let k = 0; k < a.dimensions; k++) {
            sum += (a.vectors[rowA * a.dimensions + k] ?? 0) * (b.vectors[rowB * a.dimensions + k] ?? 0);
          }
          expect(out[i * b.rows.length + j]).toBeCloseTo(sum, 3);
        }
      }
    }),
  );
});

test('large sets are processed in blocks, with each result once', () => {
  const dimensions = 3;
  const vectors = Float32Array.from({ length: 700 * dimensions }, (_, i) => Math.sin(i));
  const rows = (count: number): RowSet => ({
    dimensions,
    vectors,
    rows: Int32Array.from({ length: count }, (_, i) => i),
  });
  const [a, b] = [rows(700), rows(401)];
  const whole = new Float32Array(700 * 401);
  plainKernel.dots(a, b, whole);
  for (const kernel of [plainKernel, simd ?? plainKernel]) {
    const pieced = new Float32Array(700 * 401).fill(Number.NaN);
    eachBlock(kernel, a, b, (dots, { row, rows: height, column, columns }) => {
      for (let i = 0; i < height; i++) {
        for (let j = 0; j < columns; j++) pieced[(row + i) * 401 + column + j] = dots[i * columns + j] ?? 0;
      }
    });
    expect(pieced).toEqual(whole);
    const highest = Float32Array.from({ length: 700 }, (_, i) => Math.max(...whole.subarray(i * 401, (i + 1) * 401)));
    expect(highestDots(kernel, a, b)).toEqual(highest);
    expect(highestDots(kernel, a, rows(0))).toEqual(new Float32Array(700).fill(-Infinity));
  }
});
