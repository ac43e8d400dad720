import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toTrainingLabelText } from './trainingLabels.ts';

/** Ultralytics' own checks of a label text (`verify_image_label`, 8.4), which drop the image when one fails. */
function dropsImage(text: string, classCount: number): boolean {
  const rows = text
    .split('\n')
    .filter((row) => row !== '')
    .map((row) => row.split(' ').map(Number));
  return rows.some(
    (row) =>
      row.length !== 5 ||
      row.some((value) => !Number.isFinite(value)) ||
      row.slice(1).some((value) => value > 1.01 || value < 0) ||
      !Number.isInteger(row[0]) ||
      (row[0] ?? -1) < 0 ||
      (row[0] ?? classCount) >= classCount,
  );
}

describe('toTrainingLabelText', () => {
  it('leaves one bad row out and keeps the others', () => {
    const { text, problems, trainable } = toTrainingLabelText(
      '0 .5 .5 .1 .1\n7 .5 .5 .1 .1\n# x\n2 .25 .25 .1 .1 .9\n1 .25 .25 .1 .1',
      3,
    );
    expect(text).toBe('0 0.500000 0.500000 0.100000 0.100000\n1 0.250000 0.250000 0.100000 0.100000\n');
    expect(problems.map(({ code, line }) => [code, line])).toEqual([
      ['class-out-of-range', 2],
      ['confidence-column', 4],
    ]);
    expect(trainable).toBe(true);
  });

  it('cuts boxes at the edge, turns polygons into boxes and writes each once', () => {
    const { text, boxes, problems } = toTrainingLabelText('0 .95 .5 .4 .2\n1 .1 .2 .5 .2 .5 .8\n0 .95 .5 .4 .2\n', 2);
    expect(text).toBe('0 0.875000 0.500000 0.250000 0.200000\n1 0.300000 0.500000 0.400000 0.600000\n');
    expect(boxes).toHaveLength(2);
    expect(problems.map(({ code }) => code).toSorted()).toEqual(['duplicate-row', 'sticks-out', 'sticks-out']);
  });

  it('never makes an image of unusable rows a background image', () => {
    expect(toTrainingLabelText('9 .5 .5 .1 .1\n', 3)).toMatchObject({ text: '', trainable: false });
    expect(toTrainingLabelText('', 3)).toMatchObject({ text: '', trainable: true, problems: [] });
    expect(toTrainingLabelText('# nothing\n', 3)).toMatchObject({ text: '', trainable: true });
  });

  it('leaves out what the hints refuse', () => {
    const pose = `0 .5 .5 .2 .2 ${'.4 .4 '.repeat(4)}`;
    expect(toTrainingLabelText(pose, 3, { keypointShape: [4, 2] })).toMatchObject({ text: '', trainable: false });
  });

  it('passes the checks of Ultralytics for any input', () => {
    const number = fc.oneof(
      fc.double({ min: -0.02, max: 1.02, noNaN: true }),
      fc.double(),
      fc.integer({ min: -1, max: 4 }),
    );
    const row = fc.array(fc.oneof(number.map(String), fc.constantFrom('nan', 'a', '#', ',')), {
      minLength: 1,
      maxLength: 11,
    });
    fc.assert(
      fc.property(fc.array(row, { maxLength: 8 }), (rows) => {
        const { text, boxes } = toTrainingLabelText(rows.map((r) => r.join(' ')).join('\n'), 3);
        expect(dropsImage(text, 3)).toBe(false);
        expect(text.split('\n').filter((line) => line !== '')).toHaveLength(boxes.length);
        expect(new Set(text.split('\n')).size).toBe(boxes.length + 1);
      }),
      { numRuns: 500 },
    );
  });
});
