import { describe, expect, it } from 'vitest';
import { sample, sameForAll } from '../testing/samples.ts';
import { changeBox, demote, fromPrediction, initialBoxSet, removeBox, addBox, type EditBox } from './boxes.ts';
import { differenceOf, type Change } from './difference.ts';

const { predictions } = sample(1, [
  [10, 10, 60, 60, 0, 0.9],
  [100, 100, 180, 160, 1, 0.6],
  [200, 20, 240, 80, 2, 0.1],
]);
const thresholds = sameForAll(0.25);
const image = { predictions, labels: null, width: 400, height: 300 };
const [first, second, hidden] = predictions.map(fromPrediction) as [EditBox, EditBox, EditBox];

/** A box as the label file holds it: what it was predicted as is not recorded. */
function saved(x1: number, y1: number, x2: number, y2: number, classId: number, key = 1): EditBox {
  return { x1, y1, x2, y2, classId, key, prediction: null, confidence: null };
}

const kinds = (changes: readonly Change[]): string[] => changes.map(({ kind }) => kind);
const difference = (boxes: readonly EditBox[]): Change[] => differenceOf(boxes, predictions, thresholds);

describe('the difference between predictions and boxes', () => {
  it('is none for what an accept saves', () => {
    expect(kinds(difference(initialBoxSet(image, thresholds).boxes))).toEqual(['kept', 'kept']);
  });

  it('names boxes that were moved, given another class, added and dropped', () => {
    const start = initialBoxSet(image, thresholds);
    const moved = changeBox(start, first, { x1: 20, x2: 70 });
    expect(difference(moved.boxes)[0]).toMatchObject({ kind: 'changed', predicted: { x1: 10 }, overlap: 2 / 3 });
    const other = changeBox(start, first, { classId: 2 });
    expect(difference(other.boxes)[0]).toMatchObject({ kind: 'changed', box: { classId: 2 }, overlap: 1 });
    expect(kinds(difference(demote(start, second.key).boxes))).toEqual(['kept', 'dropped']);
    expect(kinds(difference(removeBox(start, second).boxes))).toEqual(['kept', 'dropped']);
    const drawn = addBox(start, { x1: 300, y1: 200, x2: 340, y2: 260 }, 0).boxSet;
    expect(kinds(difference(drawn.boxes))).toEqual(['kept', 'kept', 'added']);
  });

  it('counts a weaker prediction that was kept as kept, and no hidden one as dropped', () => {
    expect(kinds(difference([first, second, hidden]))).toEqual(['kept', 'kept', 'kept']);
    expect(kinds(difference([first, second]))).toEqual(['kept', 'kept']);
  });

  it('finds the predictions of saved boxes by their overlap, those of the same class first', () => {
    expect(difference([saved(20, 10, 70, 60, 0)])).toMatchObject([
      { kind: 'changed', predicted: { key: first.key }, overlap: 2 / 3 },
      { kind: 'dropped', predicted: { key: second.key } },
    ]);
    // Of another class, only a box in nearly the same place.
    expect(kinds(difference([saved(100, 100, 180, 160, 2)]))).toEqual(['changed', 'dropped']);
    expect(kinds(difference([saved(150, 100, 230, 160, 2)]))).toEqual(['added', 'dropped', 'dropped']);
    const both = difference([saved(12, 10, 62, 60, 1, 1), saved(20, 10, 70, 60, 0, 2)]);
    expect(both).toMatchObject([
      { kind: 'added' },
      { kind: 'changed', predicted: { key: first.key } },
      { kind: 'dropped' },
    ]);
  });

  it('pairs each prediction with one box', () => {
    const changes = difference([saved(10, 10, 60, 60, 0, 1), saved(11, 10, 61, 60, 0, 2)]);
    expect(kinds(changes)).toEqual(['kept', 'added', 'dropped']);
  });
});
