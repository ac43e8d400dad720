import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { iou } from './iou.ts';
import { nonMaxSuppression, type BoxColumns } from './nms.ts';
import type { PixelBox } from './types.ts';

type Row = readonly [x1: number, y1: number, x2: number, y2: number, score: number, classId: number];

function columns(rows: readonly Row[]): BoxColumns {
  const column = (index: number): Float32Array => Float32Array.from(rows, (row) => row[index] as number);
  return {
    x1: column(0),
    y1: column(1),
    x2: column(2),
    y2: column(3),
    scores: column(4),
    classIds: Int32Array.from(rows, (row) => row[5]),
  };
}

function keep(rows: readonly Row[], iouThreshold: number, maxDetections = 300, maxCandidates = 30_000): number[] {
  return [...nonMaxSuppression(columns(rows), { iouThreshold, maxDetections, maxCandidates })];
}

const box = ([x1, y1, x2, y2]: Row): PixelBox => ({ x1, y1, x2, y2 });
const overlap = (a: Row, b: Row): number => (a[5] === b[5] ? iou(box(a), box(b)) : 0);

test('the weaker of two overlapping boxes of a class goes; another class stays', () => {
  const rows: Row[] = [
    [0, 0, 10, 10, 0.5, 0],
    [1, 0, 11, 10, 0.9, 0],
    [1, 0, 11, 10, 0.8, 1],
    [50, 50, 60, 60, 0.1, 0],
  ];
  expect(keep(rows, 0.7)).toEqual([1, 2, 3]);
});

test('an IoU right at the threshold stays', () => {
  const rows: Row[] = [
    [0, 0, 10, 10, 0.9, 0],
    [0, 0, 10, 5, 0.8, 0],
  ];
  expect(keep(rows, 0.5)).toEqual([0, 1]);
  expect(keep(rows, 0.49)).toEqual([0]);
});

test('equal scores keep the order given', () => {
  const rows: Row[] = [
    [0, 0, 10, 10, 0.5, 0],
    [100, 0, 110, 10, 0.5, 0],
    [200, 0, 210, 10, 0.7, 0],
    [300, 0, 310, 10, 0.5, 0],
  ];
  expect(keep(rows, 0.5)).toEqual([2, 0, 1, 3]);
});

test('limits on candidates and on detections', () => {
  const rows = Array.from({ length: 50 }, (_, i): Row => [i * 20, 0, i * 20 + 10, 10, (i + 1) / 100, 0]);
  expect(keep(rows, 0.5, 3)).toEqual([49, 48, 47]);
  expect(keep(rows, 0.5, 300, 5)).toEqual([49, 48, 47, 46, 45]);
  expect(keep([], 0.5)).toEqual([]);
});

test('more boxes than fit the packed sort are still put in order', () => {
  const count = 2 ** 21 + 2;
  const zeros = new Float32Array(count);
  const scores = new Float32Array(count).fill(0.25);
  scores[count - 1] = 0.75;
  const boxes = { x1: zeros, y1: zeros, x2: zeros, y2: zeros, scores, classIds: new Int32Array(count) };
  const kept = nonMaxSuppression(boxes, { iouThreshold: 0.5, maxDetections: 3 });
  expect([...kept]).toEqual([count - 1, 0, 1]);
});

test('what is kept does not overlap, and what is dropped overlaps something better', () => {
  const row = fc.tuple(
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 0, max: 60 }),
    fc.integer({ min: 1, max: 40 }),
    fc.integer({ min: 1, max: 40 }),
    fc.float({ min: 0, max: 1, noNaN: true }),
    fc.integer({ min: 0, max: 2 }),
  );
  fc.assert(
    fc.property(fc.array(row, { maxLength: 40 }), (raw) => {
      const rows = raw.map(([x, y, w, h, score, classId]): Row => [x, y, x + w, y + h, score, classId]);
      const kept = keep(rows, 0.4).map((i) => rows[i] as Row);
      const keptSet = new Set(kept);
      for (const [i, a] of kept.entries()) {
        for (const b of kept.slice(i + 1)) expect(overlap(a, b)).toBeLessThanOrEqual(0.4 + 1e-6);
      }
      for (const dropped of rows.filter((candidate) => !keptSet.has(candidate))) {
        expect(kept.some((a) => a[4] >= dropped[4] && overlap(a, dropped) > 0.4 - 1e-6)).toBe(true);
      }
    }),
  );
});
