import { describe, expect, it } from 'vitest';
import { boxesOf, contentProblem, formatBoxRow, isBackground, parseLabelFile } from './labelFile.ts';
import type { LabelHints } from './labelRow.ts';

const three: LabelHints = { classCount: 3 };
const kinds = (text: string, hints: LabelHints = three): string[] =>
  parseLabelFile(text, hints).rows.map(({ kind }) => kind);
const codes = (text: string, hints: LabelHints = three): string[] =>
  parseLabelFile(text, hints).problems.map(({ code }) => code);

describe('rows that cannot be used', () => {
  it.each([
    ['0 1.2 .5 .1 .1', 'not-normalized', /Row 1 has the coordinate 1\.2, outside 0 to 1\./],
    ['0 320 240 10 10', 'not-normalized', /320/],
    ['0 -.1 .5 .1 .1', 'negative-value', /negative value -\.1/],
    ['0 .5 .5 -.1 .1', 'negative-value', /-\.1/],
    ['0 .5 .5 -0.005 .1', 'negative-value', /-0\.005/],
    ['-1 .5 .5 .1 .1', 'class-negative', /negative class -1/],
    ['7 .5 .5 .1 .1', 'class-out-of-range', /class 7, but the dataset has 3 classes \(0 to 2\)/],
    ['0.5 .5 .5 .1 .1', 'class-fractional', /class 0\.5/],
    ['0 .5 .5 .1', 'wrong-columns', /has 4 columns, where a box has 5/],
    ['0', 'wrong-columns', /1 column,/],
    ['0 .5 .5 .1 .1 .93', 'confidence-column', /6 columns.*confidence.*FiftyOne/],
    ['0 .1 .1 .2 .2 .3 .3 .4', 'odd-polygon', /polygon of 7 numbers/],
    ['cat .5 .5 .1 .1', 'not-a-number', /"cat"/],
    ['0 0x1 .5 .1 .1', 'not-a-number', /"0x1"/],
    ['0,.5,.5,.1,.1', 'comma', /comma \("0,\.5,\.5,\.1,\.1"\)/],
    ['0 0,5 0,5 0,1 0,1', 'comma', /0,5/],
    ['0 100 100 200 100 200 200', 'not-normalized', /the coordinate 150,/],
    ['0 nan .5 .1 .1', 'not-finite', /nan/],
    ['0 .5 -inf .1 .1', 'not-finite', /-inf/],
    ['0 1e999 .5 .1 .1', 'not-finite', /1e999/],
    ['0 .5 .5 0 .1', 'zero-area', /without area/],
    ['0 .1 .1 .2 .1 .3 .1', 'zero-area', /without area/],
    ['0 -.009 .5 .01 .1', 'outside-image', /outside the image/],
  ])('%s: %s', (row, code, message) => {
    const { rows, problems } = parseLabelFile(`${row}\n`, three);
    expect(rows).toMatchObject([{ kind: 'invalid', box: null, line: 1 }]);
    expect(problems).toMatchObject([{ severity: 'error', code, line: 1 }]);
    expect(problems[0]?.message).toMatch(message);
    expect(problems[0]?.hint).toMatch(/\w{4}/);
  });

  it('names the line of the file, blank lines and comments counted', () => {
    const { problems } = parseLabelFile('\n# note\n0 .5 .5 .1 .1\n9 .5 .5 .1 .1', three);
    expect(problems.find(({ code }) => code === 'class-out-of-range')).toMatchObject({ line: 4 });
  });

  it('has no class out of range while the number of classes is unknown', () => {
    expect(kinds('999 .5 .5 .1 .1', { classCount: null })).toEqual(['box']);
  });
});

describe('rows that are used', () => {
  it('reads boxes as written in any form of number', () => {
    const { rows, problems } = parseLabelFile('  1.0\t.5  5e-1 0.25 +.125  ', three);
    expect(rows[0]?.box).toEqual({ classId: 1, cx: 0.5, cy: 0.5, width: 0.25, height: 0.125 });
    expect(problems).toEqual([]);
  });

  it('accepts what lies within the tolerance of 1 %', () => {
    expect(codes('0 1.003 .5 .008 .1\n0 -.003 .5 .008 .1')).toEqual([]);
  });

  it('warns of a box that sticks out, and keeps it as written', () => {
    const { rows, problems } = parseLabelFile('0 .95 .5 .4 .1', three);
    expect(rows[0]?.box).toMatchObject({ cx: 0.95, width: 0.4 });
    expect(problems).toMatchObject([{ severity: 'warning', code: 'sticks-out' }]);
    expect(problems[0]?.message).toContain('15 %');
  });

  it('warns of repeated rows, also with other digits', () => {
    const { problems } = parseLabelFile('0 .5 .5 .1 .1\n1 .5 .5 .1 .1\n0 0.50 0.5 0.10 0.1', three);
    expect(problems).toMatchObject([{ code: 'duplicate-row', line: 3, message: 'Row 3 repeats row 1.' }]);
  });

  it('counts a repeated row once, a polygon with the same box too', () => {
    const file = parseLabelFile('0 .5 .5 .2 .2\n0 .5 .5 .2 .2\n0 0.50 .5 .2 .2\n1 .5 .5 .2 .2', three);
    expect(boxesOf(file).map(({ line }) => line)).toEqual([1, 4]);
    expect(file.rows.map(({ repeats }) => repeats)).toEqual([null, 1, 1, null]);
    const polygons = parseLabelFile('0 .1 .1 .3 .1 .3 .3\n0 .1 .1 .1 .3 .3 .3', three);
    expect(boxesOf(polygons)).toHaveLength(1);
  });

  it('shows bytes that are no UTF-8, and not too many of them', () => {
    const [first, second] = parseLabelFile(`\uDCBB\uDCAE .5 .5 .1 .1\n${'x'.repeat(5000)} .5 .5 .1 .1\n`).problems;
    expect(first?.message).toBe('Row 1 contains "\\xBB\\xAE" instead of a number.');
    expect(second?.message.length).toBeLessThan(200);
  });

  it.each([
    ['utf-16', '\uDCFF\uDCFE0\x00 \x00.\x005\x00'],
    ['utf-16', '\uDCFE\uDCFF\x000\x00 \x00.'],
    ['utf-16', '0\x00 \x00.\x005\x00'],
    ['nul-bytes', '0 .5 .5 .1 .1\n\x00\x00\x00\x00'],
    ['nul-bytes', '\0\0\0'],
    ['pointer', 'version https://git-lfs.github.com/spec/v1\noid sha256:0123\nsize 12\n'],
    ['pointer', '/annex/objects/SHA256E-s12--0123.txt\n'],
  ])('names %s as a whole and finds no box in it', (code, text) => {
    const file = parseLabelFile(text, three);
    expect(file.problems).toMatchObject([{ code, line: 1, severity: 'error' }]);
    expect(file.problems[0]?.message).not.toMatch(/[\0\uFFFD\uD800-\uDFFF]/u);
    expect(boxesOf(file)).toEqual([]);
    expect(isBackground(file)).toBe(false);
    expect(file.rows.map(({ source, ending }) => source + ending).join('')).toBe(text);
  });

  it('takes other encodings in a comment as they are', () => {
    expect(codes('# gr\uDCFCn\n0 .5 .5 .1 .1')).toEqual(['comment']);
    expect(contentProblem('0 .5 .5 .1 .1')).toBeNull();
  });

  it('takes a polygon as its bounding box and reports a mixture', () => {
    const file = parseLabelFile('2 .1 .2 .5 .2 .5 .8\n0 .5 .5 .1 .1', three);
    expect(boxesOf(file)[0]).toMatchObject({ kind: 'polygon', line: 1, classId: 2 });
    expect(boxesOf(file)[0]?.cx).toBeCloseTo(0.3, 12);
    expect(boxesOf(file)[0]?.height).toBeCloseTo(0.6, 12);
    expect(file.problems).toMatchObject([{ severity: 'info', code: 'mixed-rows' }]);
  });

  it('takes a polygon with a point outside, like Ultralytics, and warns', () => {
    expect(codes('0 .5 .5 1.2 .5 .9 .9')).toEqual(['sticks-out']);
  });

  it('accepts a byte-order mark, CRLF and a lone CR', () => {
    const { byteOrderMark, rows } = parseLabelFile('\uFEFF0 .5 .5 .1 .1\r\n1 .5 .5 .1 .1\r2 .5 .5 .1 .1', three);
    expect(byteOrderMark).toBe('\uFEFF');
    expect(rows.map(({ kind, ending }) => [kind, ending])).toEqual([
      ['box', '\r\n'],
      ['box', '\r'],
      ['box', ''],
    ]);
  });
});

describe('rows of other tasks', () => {
  const corners = '0 .1 .1 .4 .1 .4 .4 .1 .4';

  it('reads nine columns as a polygon, or as an oriented box if the dataset has those', () => {
    expect(kinds(corners)).toEqual(['polygon']);
    expect(kinds(corners, { ...three, task: 'obb' })).toEqual(['obb']);
    expect(parseLabelFile(corners, { ...three, task: 'obb' }).problems[0]?.message).toMatch(
      /oriented box.*not supported/,
    );
  });

  it('refuses poses that fit kpt_shape, whatever the number of values', () => {
    const row = `0 .5 .5 .2 .2 ${'.4 .4 '.repeat(4)}`;
    expect(kinds(row, { ...three, keypointShape: [4, 2] })).toEqual(['pose']);
    expect(kinds(row)).toEqual(['polygon']);
    expect(kinds(corners, { ...three, keypointShape: [17, 3] })).toEqual(['polygon']);
  });

  it('recognises a pose by visibilities that no polygon has', () => {
    expect(kinds('0 .5 .5 .2 .2 .4 .4 2 .6 .6 0')).toEqual(['pose']);
    expect(codes('0 .5 .5 .2 .2 .4 .4 2')).toEqual(['pose-row']);
  });
});

describe('background', () => {
  it('is an empty text, blank lines or comments; not a file of unusable rows', () => {
    expect(['', '\n\n', '# nothing here\n'].map((text) => isBackground(parseLabelFile(text)))).toEqual([
      true,
      true,
      true,
    ]);
    expect(isBackground(parseLabelFile('9 9 9\n'))).toBe(false);
  });
});

describe('formatBoxRow', () => {
  it('writes a class id and four numbers', () => {
    expect(formatBoxRow({ classId: 2, cx: 0.5, cy: 0.25, width: 1 / 3, height: 1 })).toBe(
      '2 0.500000 0.250000 0.33333333 1.000000',
    );
  });

  it.each([
    { classId: 0, cx: 0.5, cy: 0.5, width: 0, height: 0.1 },
    { classId: 0, cx: 0.5, cy: 0.5, width: 1e-12, height: 0.1 },
    { classId: 0.5, cx: 0.5, cy: 0.5, width: 0.1, height: 0.1 },
    { classId: -1, cx: 0.5, cy: 0.5, width: 0.1, height: 0.1 },
    { classId: 0, cx: Number.NaN, cy: 0.5, width: 0.1, height: 0.1 },
    { classId: 0, cx: 1e30, cy: 0.5, width: 0.1, height: 0.1 },
  ])('refuses what no reader would take: %o', (box) => {
    expect(() => formatBoxRow(box)).toThrow(expect.objectContaining({ code: 'box-invalid' }));
  });
});
