import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Detection } from '../../../core/detection/types.ts';
import { decodeDetections, encodeDetections } from './detectionsCodec.ts';

function detection(number: fc.Arbitrary<number>): fc.Arbitrary<Detection> {
  const classId = fc.nat({ max: 0xffff });
  const bare = fc.record({
    classId,
    confidence: number,
    box: fc.record({ x1: number, y1: number, x2: number, y2: number }, { noNullPrototype: true }),
  });
  const scores = fc.array(fc.tuple(classId, number), { maxLength: 5 }).map((pairs) => ({
    classIds: pairs.map(([id]) => id),
    scores: pairs.map(([, score]) => score),
  }));
  const plain = fc.oneof(
    bare,
    fc.tuple(bare, scores).map(([box, classScores]) => ({ ...box, classScores })),
  );
  return fc
    .tuple(plain, fc.option(number, { nil: undefined }))
    .map(([one, entropy]) => (entropy === undefined ? one : { ...one, localisationEntropy: entropy }));
}

const box = { x1: 0, y1: 0, x2: 1, y2: 1 };

describe('detections as bytes', () => {
  it('are lossless for any numbers', () => {
    const finite = fc.oneof(
      fc.float({ noNaN: true, noDefaultInfinity: true }),
      fc.double({ noNaN: true, noDefaultInfinity: true }),
    );
    fc.assert(
      fc.property(fc.array(detection(finite), { maxLength: 8 }), (detections) => {
        // Objects from fast-check may lack a prototype; compare only the numbers.
        const plain = structuredClone(detections);
        expect(decodeDetections(encodeDetections(plain), plain.length)).toStrictEqual(plain);
      }),
    );
  });

  it('use 32 bits if the numbers fit', () => {
    const narrow: Detection = { classId: 3, confidence: 0.5, box, classScores: { classIds: [3], scores: [0.5] } };
    expect(encodeDetections([narrow])).toHaveLength(2 + 2 + 4 + 16 + 2 + 6);
    expect(encodeDetections([{ ...narrow, box: { ...box, x1: 0.1 } }])).toHaveLength(2 + 2 + 4 + 32 + 2 + 6);
    expect(encodeDetections([{ ...narrow, confidence: 0.1 }])).toHaveLength(2 + 2 + 8 + 16 + 2 + 10);
    expect(encodeDetections([{ ...narrow, localisationEntropy: 0.25 }])).toHaveLength(2 + 2 + 4 + 16 + 4 + 2 + 6);
    expect(encodeDetections([])).toEqual(Uint8Array.of(1, 0));
  });

  it.each<[string, Detection]>([
    ['a score that is NaN', { classId: 0, confidence: Number.NaN, box }],
    ['an infinite coordinate', { classId: 0, confidence: 0.5, box: { ...box, y2: Number.POSITIVE_INFINITY } }],
    ['a negative class', { classId: -1, confidence: 0.5, box }],
    ['a fractional class', { classId: 0.5, confidence: 0.5, box }],
    [
      'a class beyond 16 bits',
      { classId: 0, confidence: 0.5, box, classScores: { classIds: [65_536], scores: [0.1] } },
    ],
    ['lists of unequal length', { classId: 0, confidence: 0.5, box, classScores: { classIds: [1, 2], scores: [0.1] } }],
  ])('reject %s', (_, bad) => {
    expect(() => encodeDetections([bad])).toThrow(expect.objectContaining({ code: 'invalid-value' }));
  });

  it('report truncated bytes, a wrong version, and a wrong count', () => {
    const bytes = encodeDetections([{ classId: 0, confidence: 0.5, box }]);
    for (let length = 0; length < bytes.length; length++) {
      expect(() => decodeDetections(bytes.subarray(0, length), 1)).toThrow(RangeError);
    }
    expect(() => decodeDetections(bytes, 2)).toThrow('holds 1 boxes and not 2');
    expect(() => decodeDetections(bytes.with(0, 9), 1)).toThrow('unknown layout 9');
    expect(() => decodeDetections(bytes.with(1, 8), 1)).toThrow('unknown flags 8');
    expect(decodeDetections(bytes, null)).toHaveLength(1);
  });
});
