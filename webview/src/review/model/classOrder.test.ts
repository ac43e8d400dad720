import { expect, test } from 'vitest';
import { classOrder } from './classOrder.ts';

const place = { x1: 0, y1: 0, x2: 10, y2: 10 };
const elsewhere = { x1: 50, y1: 0, x2: 60, y2: 10 };
const box = { ...place, classId: 3, key: -1, prediction: 0, confidence: 0.6 };
const predictions = [
  { ...place, classId: 3, index: 0, confidence: 0.6 },
  { ...place, x2: 9, classId: 1, index: 1, confidence: 0.2 },
  { ...place, y2: 9, classId: 4, index: 2, confidence: 0.5 },
  { ...elsewhere, classId: 5, index: 3, confidence: 0.9 },
];

test('the class of the box comes first, then what else the model sees there, then the recent ones', () => {
  expect(classOrder(7, box, predictions, [6, 4])).toEqual([3, 4, 1, 6, 0, 2, 5]);
});

test('without a box, recent classes come before the others', () => {
  expect(classOrder(4, null, predictions, [2])).toEqual([2, 0, 1, 3]);
});

test('classes that are no longer there are left out', () => {
  expect(classOrder(2, box, predictions, [1, 9])).toEqual([1, 0]);
});
