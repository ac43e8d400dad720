import { describe, expect, it } from 'vitest';
import { parsePrediction } from './predictionLines.ts';

const box = { box: [1, 2.5, 3, 4], confidence: 0.5, classId: 1 };
const line = { ok: true, id: 7, width: 64, height: 48, bestScore: 0.6, detections: [box] };
const parse = (value: unknown) => parsePrediction(JSON.stringify(value));

describe('parsePrediction', () => {
  it('reads every field of a line', () => {
    const full = {
      ...box,
      classScores: [
        [0, 1],
        [0.1, 0.5],
      ],
      localisationEntropy: 0.25,
    };
    const embedding = Buffer.from(Float32Array.of(1, -2).buffer).toString('base64');
    const parsed = parse({ ...line, detections: [full], flipped: [box], embedding });
    expect(parsed.job).toBe(7);
    const plain = { classId: 1, confidence: 0.5, box: { x1: 1, y1: 2.5, x2: 3, y2: 4 } };
    expect(parsed.result(99)).toStrictEqual({
      ok: true,
      imageId: 99,
      width: 64,
      height: 48,
      bestScore: 0.6,
      detections: [{ ...plain, classScores: { classIds: [0, 1], scores: [0.1, 0.5] }, localisationEntropy: 0.25 }],
      embedding: Float32Array.of(1, -2),
      flipped: [plain],
    });
    expect(parse(line).result(1)).toStrictEqual({
      ok: true,
      imageId: 1,
      width: 64,
      height: 48,
      bestScore: 0.6,
      detections: [plain],
    });
  });

  it('reads a failure', () => {
    const failure = { ok: false, code: 'unreadable-image', message: 'It is cut.' };
    expect(parse({ ...failure, id: 3 }).result(5)).toStrictEqual({ ...failure, imageId: 5 });
  });

  it.each<[string, unknown]>([
    ['a list', [line]],
    ['nothing', null],
    ['no id', { ...line, id: undefined }],
    ['an id with a fraction', { ...line, id: 1.5 }],
    ['neither result nor failure', { ...line, ok: 'yes' }],
    ['a size in words', { ...line, width: '64' }],
    ['no best score', { ...line, bestScore: null }],
    ['no detections', { ...line, detections: {} }],
    ['a box of three numbers', { ...line, detections: [{ ...box, box: [1, 2, 3] }] }],
    ['a box of five numbers', { ...line, detections: [{ ...box, box: [1, 2, 3, 4, 5] }] }],
    ['a box of no numbers', { ...line, detections: [{ ...box, box: [1, 2, 3, null] }] }],
    ['a class below 0', { ...line, detections: [{ ...box, classId: -1 }] }],
    ['scores without their classes', { ...line, detections: [{ ...box, classScores: [[0, 1], [0.5]] }] }],
    ['three lists of scores', { ...line, detections: [{ ...box, classScores: [[0], [0.5], []] }] }],
    ['half a number in a vector', { ...line, embedding: 'AAAA' }],
    ['a mirrored box without a class', { ...line, flipped: [{ ...box, classId: undefined }] }],
    ['a failure without its reason', { ok: false, id: 1, code: 'worker-crashed' }],
  ])('refuses %s', (_, value) => {
    expect(() => parse(value)).toThrow(Error);
  });
});
