import type { ThresholdsView } from '../../../../extension/src/protocol/review.ts';
import type { MemorySample } from './memoryReview.ts';

export const classNames = ['bolt', 'nut', 'washer'];

/** Three images: two certain boxes and two uncertain ones; one certain box; one uncertain box. */
export function threeSamples(): MemorySample[] {
  return [
    sample(11, [
      [10, 10, 60, 60, 0, 0.9],
      [100, 100, 180, 160, 1, 0.6],
      [200, 20, 240, 80, 2, 0.2],
      [300, 200, 340, 260, 0, 0.1],
    ]),
    sample(12, [[50, 50, 90, 90, 1, 0.8]]),
    sample(13, [[20, 20, 40, 40, 2, 0.12]]),
  ];
}

export function sample(
  sampleId: number,
  boxes: readonly (readonly [number, number, number, number, number, number])[],
): MemorySample {
  return {
    sampleId,
    imageUrl: `https://images/${sampleId}.jpg`,
    path: `images/belt/${sampleId}.jpg`,
    width: 400,
    height: 300,
    predictions: boxes.map(([x1, y1, x2, y2, classId, confidence], index) => ({
      x1,
      y1,
      x2,
      y2,
      classId,
      confidence,
      index,
    })),
    reasons: ['2 boxes near the threshold'],
    scores: [
      { id: 'entropy', title: 'Entropy', description: 'Near one half.', value: 0.5, reason: null },
      {
        id: 'localisation',
        title: 'Localisation',
        description: 'Blurred edges.',
        value: null,
        reason: 'not available for this head',
      },
      { id: 'margin', title: 'Margin', description: 'Two classes compete.', value: null, reason: null },
    ],
  };
}

/** One threshold for all classes. */
export function sameForAll(base: number): ThresholdsView {
  return { base, classes: {}, chosen: null };
}
