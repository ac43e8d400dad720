import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { flip } from './flip.ts';
import { localisation } from './localisation.ts';
import { compareMirrored } from './mirror.ts';
import { anyFullEvidence, anyThreshold, bare, boxAt, classed, evidenceOf, full, options } from './testing.ts';

describe('an image and its mirror image', () => {
  test('that agree have a flip consistency of 0', () => {
    fc.assert(
      fc.property(anyFullEvidence, anyThreshold, ({ detections }, threshold) => {
        // The same boxes in another order, none of them twice.
        const alone = detections.filter((one, i) => detections.findIndex(({ box }) => box.x1 === one.box.x1) === i);
        const same = compareMirrored(alone, alone.toReversed(), threshold);
        for (const { change } of same) expect(change).toBeCloseTo(0, 9);
      }),
    );
  });

  test('differ by 1 − IoU · (1 − |s − s̃|)', () => {
    const moved = { ...bare(0.8), box: boxAt(0, 5) };
    const [pair] = compareMirrored([bare(0.6)], [moved], 0.25);
    expect(pair?.iou).toBeCloseTo(1 / 3, 12);
    expect(pair?.change).toBeCloseTo(1 - (1 / 3) * 0.8, 12);
  });

  test('that tie in everything but their class scores are matched in any order of the boxes', () => {
    const here = [bare(0.9)];
    const [alike, other] = [
      { ...bare(0.9), classId: 2, classScores: { classIds: [0, 2], scores: [0.05, 0.9] } },
      { ...bare(0.9), classId: 1, classScores: { classIds: [1], scores: [0.9] } },
    ];
    const sum = (flipped: Parameters<typeof compareMirrored>[1]): number =>
      compareMirrored(here, flipped, 0.25).reduce((total, { change }) => total + change, 0);
    expect(sum([alike, other])).toBeCloseTo(sum([other, alike]), 12);
  });

  test('boxes without a partner are a change of 1, on either side', () => {
    const pairs = compareMirrored([bare(0.6, 0)], [bare(0.6, 1)], 0.25);
    expect(pairs.map(({ here, there, change }) => [here?.box.x1, there?.box.x1, change])).toEqual([
      [0, undefined, 1],
      [undefined, 20, 1],
    ]);
  });

  test('the closest boxes are matched first, each once', () => {
    const near = { ...bare(0.5), box: boxAt(0, 2) };
    const nearer = { ...bare(0.5), box: boxAt(0, 1) };
    const pairs = compareMirrored([bare(0.5)], [near, nearer], 0.25);
    expect(pairs.map(({ here, there }) => [here?.box.x1, there?.box.x1])).toEqual([
      [0, 1],
      [undefined, 2],
    ]);
  });

  test('another class counts as another score, whichever side is surer', () => {
    const spur = classed([0.8, 0.3]);
    const short = classed([0.2, 0.5]);
    expect(compareMirrored([spur], [short], 0.25)[0]?.change).toBeCloseTo(0.6, 12);
    expect(compareMirrored([short], [spur], 0.25)[0]?.change).toBeCloseTo(0.6, 12);
    // Without class scores nothing is known of the other class.
    const other = { ...bare(0.5), classId: 1 };
    expect(compareMirrored([bare(0.8)], [other], 0.25)[0]?.change).toBeCloseTo(0.8, 12);
  });

  test('among boxes at one place those of one class belong together', () => {
    const first = classed([0.8, 0.1]);
    const second = classed([0.1, 0.8]);
    for (const there of [
      [first, second],
      [second, first],
    ]) {
      expect(compareMirrored([first, second], there, 0.25).map(({ change }) => change)).toEqual([0, 0]);
    }
  });

  test('faint boxes come and go without meaning', () => {
    expect(compareMirrored([bare(0.06, 0)], [bare(0.07, 1)], 0.25)).toEqual([]);
    expect(compareMirrored([bare(0.06)], [bare(0.3)], 0.25)).toHaveLength(1);
    expect(compareMirrored([bare(0.3)], [bare(0.06)], 0.25)).toHaveLength(1);
    const faint = evidenceOf([bare(0.06)], { flipped: [] });
    expect(flip.compute(faint, options)).toBeNull();
    expect(flip.whyNot?.(faint, options)).toBe('no box is sure enough to be compared');
  });

  test('reports a box that only the mirror image shows, although the image has no detection', () => {
    expect(flip.compute(evidenceOf([], { flipped: [bare(0.6)] }), options)).toBe(1);
    expect(flip.compute(evidenceOf([], { flipped: [] }), options)).toBeNull();
  });
});

describe('localisation', () => {
  test('is the mean entropy of the edges, weighted by confidence', () => {
    const sure = { ...full(0.9, 0), localisationEntropy: 0.1 };
    const doubtful = { ...full(0.3, 1), localisationEntropy: 0.5 };
    expect(localisation.compute(evidenceOf([sure, doubtful]), options)).toBeCloseTo((0.09 + 0.15) / 1.2, 12);
    expect(localisation.compute(evidenceOf([full(0.1)]), options)).toBeCloseTo(0.4, 12);
  });

  test('has no value if a head does not provide it for every box', () => {
    expect(localisation.compute(evidenceOf([full(0.5), bare(0.5, 1)]), options)).toBeNull();
  });
});
