import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ThresholdsView } from '../../../../extension/src/protocol/review.ts';
import { sameForAll, sample, threeSamples } from '../testing/samples.ts';
import {
  addBox,
  applyThresholds,
  changeBox,
  decisionFor,
  demote,
  doubtfulFirst,
  initialBoxSet,
  keepOnly,
  promote,
  removeBox,
  sameBoxes,
  shownBoxes,
  type BoxSet,
} from './boxes.ts';
import { nextAlternative } from './objects.ts';

const first = { ...threeSamples()[0], labels: null };
if (first.predictions === undefined || first.width === undefined || first.height === undefined)
  throw new Error('no sample');
const basis = { predictions: first.predictions, labels: null, width: first.width, height: first.height };

function box(boxSet: BoxSet, place: number): BoxSet['boxes'][number] {
  const found = boxSet.boxes[place];
  if (found === undefined) throw new Error(`no box ${place}`);
  return found;
}

function offered(boxSet: BoxSet, slider: number): BoxSet['boxes'][number] {
  const found = shownBoxes(boxSet, basis, sameForAll(slider), initialBoxSet(basis, sameForAll(0.25))).find(
    (one) => one.status === 'offered',
  );
  if (found === undefined) throw new Error('nothing is offered');
  return found.box;
}

describe('the boxes of a sample', () => {
  const start = initialBoxSet(basis, sameForAll(0.25));

  it('are initially the predictions that an accept writes', () => {
    expect(start.boxes.map((one) => one.prediction)).toEqual([0, 1]);
    expect(decisionFor(start, basis, sameForAll(0.25))).toEqual({
      verdict: 'accepted',
      kept: [0, 1],
      confirmBackground: false,
    });
  });

  it('are accepted together with kept uncertain ones', () => {
    const boxSet = promote(start, offered(start, 0.15));
    expect(decisionFor(boxSet, basis, sameForAll(0.25))).toEqual({
      verdict: 'accepted',
      kept: [0, 1, 2],
      confirmBackground: false,
    });
  });

  it.each([
    ['moved', changeBox(start, box(start, 0), { x1: 12 })],
    ['given another class', changeBox(start, box(start, 0), { classId: 2 })],
    ['deleted', removeBox(start, box(start, 1))],
    ['dropped', demote(start, box(start, 1).key)],
    ['joined by a drawn one', addBox(start, { x1: 1, y1: 1, x2: 9, y2: 9 }, 0).boxSet],
  ])('are a correction when one is %s', (_what, boxSet) => {
    const decision = decisionFor(boxSet, basis, sameForAll(0.25));
    expect(decision).toEqual({
      verdict: 'corrected',
      boxes: boxSet.boxes.map(({ x1, y1, x2, y2, classId }) => ({ x1, y1, x2, y2, classId })),
    });
    expect(sameBoxes(boxSet, start)).toBe(false);
  });

  it('are accepted again if the user reverts an edit by hand', () => {
    const there = changeBox(start, box(start, 0), { x1: 12 });
    const back = changeBox(there, box(there, 0), { x1: 10 });
    expect(sameBoxes(back, start)).toBe(true);
    expect(decisionFor(back, basis, sameForAll(0.25)).verdict).toBe('accepted');
  });

  it('need the confirmation of background if none is left', () => {
    const none = { ...basis, predictions: [] };
    expect(decisionFor(initialBoxSet(none, sameForAll(0.25)), none, sameForAll(0.25))).toEqual({
      verdict: 'accepted',
      kept: [],
      confirmBackground: true,
    });
  });

  it('that an edit kept are not changed by the thresholds alone', () => {
    fc.assert(
      fc.property(fc.double({ min: 0.05, max: 0.95, noNaN: true }), (slider) => {
        const kept = shownBoxes(start, basis, sameForAll(slider), start).filter((one) => one.status === 'kept');
        expect(kept.map((one) => one.box)).toEqual(start.boxes);
        expect(kept.map((one) => one.faint)).toEqual(start.boxes.map((one) => (one.confidence ?? 1) < slider));
      }),
    );
  });

  it('have the threshold of their class, unless the user chose one', () => {
    const own: ThresholdsView = { base: 0.25, classes: { 0: { from: 0.95, judged: 60, right: 52 } }, chosen: null };
    const predictions = (thresholds: ThresholdsView): unknown =>
      initialBoxSet(basis, thresholds).boxes.map((one) => one.prediction);
    expect(basis.predictions.map(({ classId }) => classId).slice(0, 2)).toEqual([0, 1]);
    expect(predictions(own)).toEqual([1]);
    expect(predictions({ ...own, chosen: 0.05 })).toEqual([0, 1, 2, 3]);
    expect(decisionFor(initialBoxSet(basis, own), basis, own)).toMatchObject({ verdict: 'accepted', kept: [1] });
  });

  it('follow the thresholds on request', () => {
    expect(applyThresholds(start, basis, sameForAll(0.7)).boxes.map((one) => one.prediction)).toEqual([0]);
    expect(applyThresholds(start, basis, sameForAll(0.05)).boxes.map((one) => one.prediction)).toEqual([0, 1, 2, 3]);
    expect(applyThresholds(start, basis, sameForAll(0.25))).toBe(start);
    const drawn = addBox(start, { x1: 1, y1: 1, x2: 9, y2: 9 }, 0).boxSet;
    expect(applyThresholds(drawn, basis, sameForAll(0.95)).boxes.map((one) => one.key)).toEqual([1]);
  });

  it('are offered again if dropped, but not if deleted', () => {
    const deleted = removeBox(start, box(start, 1));
    expect(shownBoxes(deleted, basis, sameForAll(0.25), start).map((one) => one.box.prediction)).toEqual([0]);
    const dropped = demote(start, box(start, 1).key);
    expect(shownBoxes(dropped, basis, sameForAll(0.25), start).map((one) => [one.box.prediction, one.status])).toEqual([
      [0, 'kept'],
      [1, 'offered'],
    ]);
  });

  it('keep their places when they are dropped or kept', () => {
    const places = (boxSet: BoxSet): (number | null)[] =>
      shownBoxes(boxSet, basis, sameForAll(0.05), start).map((one) => one.box.prediction);
    const drawn = addBox(start, { x1: 1, y1: 1, x2: 9, y2: 9 }, 0).boxSet;
    expect(places(drawn)).toEqual([0, 1, null, 2, 3]);
    const dropped = demote(drawn, box(drawn, 0).key);
    expect(places(dropped)).toEqual([0, 1, null, 2, 3]);
    expect(places(promote(dropped, offered(dropped, 0.05)))).toEqual([0, 1, null, 2, 3]);
  });

  it('can be reduced to one, which may be an offered one', () => {
    const drawn = addBox(start, { x1: 1, y1: 1, x2: 9, y2: 9 }, 0).boxSet;
    expect(keepOnly(drawn, box(drawn, 1)).boxes).toEqual([box(start, 1)]);
    const other = offered(start, 0.15);
    expect(keepOnly(drawn, other).boxes).toEqual([other]);
    const alone = keepOnly(drawn, other);
    expect(keepOnly(alone, other)).toBe(alone);
  });

  it('are doubtful in the order of their distance to the threshold', () => {
    const confidences = doubtfulFirst(shownBoxes(start, basis, sameForAll(0.05), start), sameForAll(0.25)).map(
      (one) => one.confidence ?? 0,
    );
    const distances = confidences.map((confidence) => Math.abs(confidence - 0.25));
    expect(distances).toHaveLength(4);
    expect(distances).toEqual(distances.toSorted((a, b) => a - b));
  });

  it('include a moved offered box, which is not offered again', () => {
    const boxSet = changeBox(start, offered(start, 0.15), { x2: 250 });
    expect(boxSet.boxes).toHaveLength(3);
    expect(shownBoxes(boxSet, basis, sameForAll(0.15), start)).toHaveLength(3);
    expect(decisionFor(boxSet, basis, sameForAll(0.25)).verdict).toBe('corrected');
  });
});

describe('several predictions of one object', () => {
  const predictions = [
    { x1: 10, y1: 10, x2: 110, y2: 50, classId: 0, index: 0, confidence: 0.65 },
    { x1: 12, y1: 10, x2: 112, y2: 52, classId: 1, index: 1, confidence: 0.45, surer: 0 },
    { x1: 20, y1: 12, x2: 115, y2: 55, classId: 0, index: 2, confidence: 0.3, surer: 0 },
    { x1: 200, y1: 10, x2: 260, y2: 50, classId: 2, index: 3, confidence: 0.5 },
  ];
  const crowded = { ...basis, predictions };
  const start = initialBoxSet(crowded, sameForAll(0.25));
  const swap = (boxSet: BoxSet, place: number): BoxSet =>
    nextAlternative(boxSet, box(boxSet, place), predictions)?.boxSet ?? boxSet;

  it('are one box, and an accept saves the surest', () => {
    expect(start.boxes.map((one) => one.prediction)).toEqual([0, 3]);
    expect(decisionFor(start, crowded, sameForAll(0.25))).toMatchObject({ verdict: 'accepted', kept: [0, 3] });
    const shown = shownBoxes(start, crowded, sameForAll(0.05), start);
    expect(shown.map(({ box: one, others }) => [one.prediction, others])).toEqual([
      [0, 2],
      [3, 0],
    ]);
  });

  it('can be exchanged in turn, each in the place of the surest', () => {
    const second = swap(start, 0);
    expect(shownBoxes(second, crowded, sameForAll(0.05), start).map((one) => one.box.prediction)).toEqual([1, 3]);
    expect(decisionFor(second, crowded, sameForAll(0.25)).verdict).toBe('corrected');
    const third = swap(second, 0);
    expect(third.boxes.map((one) => one.prediction)).toEqual([2, 3]);
    expect(sameBoxes(swap(third, 0), start)).toBe(true);
    expect(nextAlternative(start, box(start, 1), predictions)).toBeNull();
  });

  it('are kept again by the exchange of a dropped one', () => {
    const dropped = demote(start, box(start, 0).key);
    const next = nextAlternative(dropped, box(start, 0), predictions);
    expect(next?.boxSet.boxes.map((one) => one.prediction)).toEqual([3, 1]);
  });
});

describe('a sample that has labels', () => {
  const labels = [
    { x1: 10.00002, y1: 10, x2: 60, y2: 59.99998, classId: 0 },
    { x1: 5, y1: 5, x2: 20, y2: 20, classId: 2 },
  ];
  const judged = { ...basis, labels };
  const boxSet = initialBoxSet(judged, sameForAll(0.25));

  it('shows the labels, and recognises predictions despite the rounding of label files', () => {
    expect(boxSet.boxes.map((one) => [one.prediction, one.confidence])).toEqual([
      [0, 0.9],
      [null, null],
    ]);
    expect(shownBoxes(boxSet, judged, sameForAll(0.25), boxSet).map((one) => one.status)).toEqual([
      'kept',
      'kept',
      'offered',
    ]);
  });

  it('matches each prediction with only one label', () => {
    const twice = { ...basis, labels: [labels[0], labels[0]].filter((one) => one !== undefined) };
    const keys = initialBoxSet(twice, sameForAll(0.25)).boxes.map((one) => one.key);
    expect(new Set(keys).size).toBe(2);
  });

  it('gives a drawn box a unique key', () => {
    const drawn = addBox(boxSet, { x1: 1, y1: 1, x2: 5, y2: 5 }, 1);
    expect(drawn.boxSet.boxes.map((one) => one.key)).toEqual([-1, 2, drawn.key]);
    expect(drawn.key).toBe(3);
  });

  it('is background if its label file is empty, unlike a sample without labels', () => {
    expect(initialBoxSet({ ...basis, labels: [] }, sameForAll(0.25)).boxes).toEqual([]);
  });
});

it('is distinguished from another sample', () => {
  expect(
    sameBoxes(
      initialBoxSet({ ...sample(1, []), labels: null }, sameForAll(0.25)),
      initialBoxSet(basis, sameForAll(0.25)),
    ),
  ).toBe(false);
});
