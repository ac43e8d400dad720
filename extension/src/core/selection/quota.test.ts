import { expect, test } from 'vitest';
import { candidateTable } from './candidates.ts';
import { zeroDetectionShare } from './quota.ts';
import { context, empty, found } from './testing.ts';
import { uncertaintyStrategy } from './uncertainty.ts';

test('of twenty places one stays with images without detections, though none of thirty held an object', () => {
  const pool = [...Array.from({ length: 40 }, (_, i) => found(i, 0.5)), empty(100, 0.04), empty(101, 0.03)];
  const places = (batchSize: number, share: number): number =>
    uncertaintyStrategy
      .select(candidateTable(pool), context(batchSize, { zeroDetectionShare: share }))
      .chosen.filter(({ part }) => part === 'no-detection').length;
  const share = zeroDetectionShare(30, 0);
  expect(share).toBeCloseTo(0.02, 10);
  expect([places(20, share), places(10, share), places(9, share), places(20, 0)]).toEqual([1, 1, 0, 0]);
});

test('the share of images without detections follows how many of them held objects', () => {
  expect(zeroDetectionShare(0, 0)).toBeCloseTo(0.1, 10);
  expect(zeroDetectionShare(20, 20)).toBeGreaterThan(0.18);
  expect(zeroDetectionShare(20, 0)).toBeLessThan(0.02 + 1e-9);
  for (const reviewed of [0, 1, 5, 50, 5000]) {
    for (const held of [0, reviewed / 2, reviewed]) {
      expect(zeroDetectionShare(reviewed, held)).toBeGreaterThanOrEqual(0.02);
      expect(zeroDetectionShare(reviewed, held)).toBeLessThanOrEqual(0.2);
    }
  }
});
