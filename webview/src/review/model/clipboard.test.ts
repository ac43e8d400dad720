import { expect, test } from 'vitest';
import { sameForAll } from '../testing/samples.ts';
import { initialBoxSet, type BoxSet } from './boxes.ts';
import { copyOf, pasteBoxes, repeatBoxes } from './clipboard.ts';

const image = { width: 100, height: 80 };
const none: BoxSet = initialBoxSet({ predictions: [], labels: null, ...image }, sameForAll(0.25));
const one = { x1: 10, y1: 10, x2: 30, y2: 30, classId: 2 };

function rects({ boxes }: BoxSet): number[][] {
  return boxes.map(({ x1, y1, x2, y2, classId }) => [x1, y1, x2, y2, classId]);
}

test('a box is pasted at its place, and beside itself where it is already', () => {
  const first = pasteBoxes(none, [one], image);
  expect(rects(first.boxSet)).toEqual([[10, 10, 30, 30, 2]]);
  const second = pasteBoxes(first.boxSet, [one], image);
  expect(rects(second.boxSet)[1]).toEqual([22, 22, 42, 42, 2]);
  expect(second.boxSet.boxes.at(-1)?.key).toBe(second.key);
  const third = pasteBoxes(second.boxSet, [one], image);
  expect(rects(third.boxSet)[2]).toEqual([34, 34, 54, 54, 2]);
});

test('a box from a larger image is moved into the image, or cut to its size', () => {
  expect(rects(pasteBoxes(none, [{ ...one, x1: 190, x2: 210 }], image).boxSet)).toEqual([[80, 10, 100, 30, 2]]);
  expect(rects(pasteBoxes(none, [{ ...one, x1: -50, x2: 400 }], image).boxSet)).toEqual([[0, 10, 100, 30, 2]]);
});

test('nothing is pasted without a copy', () => {
  expect(pasteBoxes(none, [], image)).toEqual({ boxSet: none, key: null });
});

test('repeated boxes are added once', () => {
  const other = { ...one, classId: 1 };
  const repeated = repeatBoxes(none, [one, other], image);
  expect(rects(repeated)).toEqual([
    [10, 10, 30, 30, 2],
    [10, 10, 30, 30, 1],
  ]);
  expect(repeatBoxes(repeated, [one, other], image)).toBe(repeated);
});

test('a copy is a drawn box', () => {
  const copy = copyOf({ ...one, classId: 1 });
  expect(pasteBoxes(none, [copy], image).boxSet.boxes[0]).toMatchObject({ prediction: null, confidence: null });
});
