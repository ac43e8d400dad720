import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyEdits, withBoxes, type LabelEdit } from './labelEdits.ts';
import { contentProblem, boxesOf, formatBoxRow, parseLabelFile } from './labelFile.ts';
import type { LabelBox } from './types.ts';

const unit = fc.double({ min: 0.001, max: 1, noNaN: true });
const box: fc.Arbitrary<LabelBox> = fc.record({ classId: fc.nat(80), cx: unit, cy: unit, width: unit, height: unit });
const row = fc.oneof(
  box.map(formatBoxRow),
  box.map(({ classId, cx, cy, width, height }) => `  ${classId} ${cx}\t${cy} ${width} ${height} `),
  fc.array(unit, { minLength: 3, maxLength: 9 }).map((xs) => `1 ${xs.map((x) => `${x} ${1 - x}`).join(' ')}`),
  fc.constantFrom(
    '',
    '   ',
    '# a comment',
    '0 nan .5 .1 .1',
    '0,5 0,5',
    '0 .5 .5 .1 .1 .9',
    '3 .5 .5 0 0',
    'ünïcode 😀',
  ),
  fc.string({ unit: 'binary' }).map((text) => text.replaceAll(/[\r\n\uFEFF]/gu, '')),
);
// A lone CR is not mixed with LF: "a" CR, blank LF is the same text as "a" CRLF.
const lineEndings = fc.constantFrom(['\r'], ['\n', '\r\n'], ['\n']);
const text = lineEndings
  .chain((some) =>
    fc.tuple(
      fc.constantFrom('', '\uFEFF'),
      fc.array(fc.tuple(row, fc.constantFrom(...some)), { maxLength: 12 }),
      fc.boolean(),
    ),
  )
  .map(([mark, rows, ended]) => {
    const all = rows.map(([source, ending]) => source + ending).join('');
    return mark + (ended ? all : all.replace(/(?:\r\n|\n|\r)$/u, ''));
  });

const edges = ({ cx, cy, width, height }: LabelBox): number[] => [
  cx - width / 2,
  cx + width / 2,
  cy - height / 2,
  cy + height / 2,
];
const key = ({ classId, cx, cy, width, height }: LabelBox): string => [classId, cx, cy, width, height].join(' ');

describe('parseLabelFile', () => {
  it('loses no byte of any text', () => {
    fc.assert(
      fc.property(text, (source) => {
        const { byteOrderMark, rows } = parseLabelFile(source);
        expect(byteOrderMark + rows.map((r) => r.source + r.ending).join('')).toBe(source);
        expect(rows.map((r) => r.line)).toEqual(rows.map((_, i) => i + 1));
      }),
    );
  });
});

describe('applyEdits', () => {
  it('returns the very text without edits', () => {
    fc.assert(
      fc.property(text, (source) => {
        expect(applyEdits(source, [])).toBe(source);
      }),
    );
  });

  it('keeps every row that no edit names byte for byte, in order', () => {
    const edited = fc.tuple(
      text,
      fc.array(fc.tuple(fc.nat(4), box), { minLength: 13, maxLength: 13 }),
      fc.array(box, { maxLength: 3 }),
    );
    fc.assert(
      fc.property(edited, ([source, choices, additions]) => {
        const before = parseLabelFile(source).rows;
        const edits: LabelEdit[] = [];
        const expected: string[] = [];
        for (const { line, source: old } of before) {
          const [choice, next] = choices[line - 1] ?? [2, null];
          if (choice === 0) edits.push({ kind: 'remove', line });
          else if (choice === 1 && next !== null) {
            edits.push({ kind: 'replace', line, box: next });
            expected.push(formatBoxRow(next));
          } else expected.push(old);
        }
        for (const added of additions) {
          edits.push({ kind: 'add', box: added });
          expected.push(formatBoxRow(added));
        }
        const result = applyEdits(source, edits);
        const after = parseLabelFile(result);
        // A blank last line without its ending is no line any more.
        if (expected.at(-1) === '' && !/[\r\n]$/u.test(source)) return;
        expect(after.rows.map((r) => r.source)).toEqual(expected);
        expect(result.startsWith('\uFEFF')).toBe(source.startsWith('\uFEFF'));
        const empty = before.length === 0 || expected.length === 0;
        expect(empty || /[\r\n]$/u.test(result) === /[\r\n]$/u.test(source)).toBe(true);
        const endings = new Set(before.map((r) => r.ending));
        for (const { ending } of after.rows)
          expect(endings.has(ending) || before.every((r) => r.ending === '')).toBe(true);
      }),
      { numRuns: 300 },
    );
  });

  it('writes boxes that come back within 0.01 pixels on a 20,000-pixel image', () => {
    fc.assert(
      fc.property(box, (original) => {
        const [read] = boxesOf(parseLabelFile(formatBoxRow(original)));
        if (read === undefined) throw new Error('The box was not read back.');
        const wrong = edges(read).map((edge, i) => Math.abs(edge - (edges(original)[i] ?? 0)) * 20_000);
        expect(Math.max(...wrong)).toBeLessThan(0.01);
        expect(read.classId).toBe(original.classId);
        expect(applyEdits('', [{ kind: 'add', box: read }])).toBe(`${formatBoxRow(original)}\n`);
      }),
    );
  });

  it('changes nothing but the class of a row whose box did not move, polygons included', () => {
    const source = ' 1  .1000 .2 .5 .2 .5 .80 \r\n0 0.50 .5 .1 .1';
    const edits = boxesOf(parseLabelFile(source)).map(({ line, kind: _kind, ...moved }): LabelEdit => ({
      kind: 'replace',
      line,
      box: { ...moved, classId: 7 },
    }));
    expect(applyEdits(source, edits)).toBe(' 7  .1000 .2 .5 .2 .5 .80 \r\n7 0.50 .5 .1 .1');
  });

  it('keeps whether the file ends in a newline', () => {
    const added = { kind: 'add', box: { classId: 0, cx: 0.5, cy: 0.5, width: 0.5, height: 0.5 } } as const;
    const written = formatBoxRow(added.box);
    expect(applyEdits('# a', [added])).toBe(`# a\n${written}`);
    expect(applyEdits('# a\r\n', [added])).toBe(`# a\r\n${written}\r\n`);
    expect(applyEdits('', [added])).toBe(`${written}\n`);
    expect(applyEdits('# a\n# b', [{ kind: 'remove', line: 2 }])).toBe('# a');
    expect(applyEdits('# a\n', [{ kind: 'remove', line: 1 }])).toBe('');
  });

  it('refuses rows that are not there or are changed twice', () => {
    const remove = { kind: 'remove', line: 1 } as const;
    expect(() => applyEdits('', [remove])).toThrow(/Row 1 does not exist; the label file has 0 rows/);
    expect(() => applyEdits('# a', [remove, remove])).toThrow(/changed twice/);
  });
});

describe('withBoxes', () => {
  it('keeps a repeated row with the box that it repeats, and removes it with that box', () => {
    const source = '0 .5 .5 .1 .1\n1 .2 .2 .1 .1\n0 0.50 .5 .1 .1\n';
    const boxes = boxesOf(parseLabelFile(source));
    expect(withBoxes(source, boxes)).toBe(source);
    expect(withBoxes(source, boxes.slice(1))).toBe('1 .2 .2 .1 .1\n');
  });

  it('gives a text with exactly these boxes, and keeps what it does not touch', () => {
    fc.assert(
      fc.property(text, fc.array(box, { maxLength: 3 }), fc.nat(), (source, extra, seed) => {
        fc.pre(contentProblem(source) === null);
        const before = parseLabelFile(source);
        const kept = boxesOf(before).filter((_, i) => ((seed >> (i % 30)) & 1) === 0);
        // Printed as written, so that they can be compared after reading.
        const news = boxesOf(parseLabelFile(extra.map(formatBoxRow).join('\n')));
        const result = withBoxes(source, [...kept, ...news]);
        expect(boxesOf(parseLabelFile(result)).map(key).toSorted()).toEqual([...kept, ...news].map(key).toSorted());
        const others = before.rows
          .filter(({ box: b, source: s }) => b === null && s.trim() !== '')
          .map((r) => r.source);
        const after = parseLabelFile(result).rows.map((r) => r.source);
        expect(others.every((line) => after.includes(line))).toBe(true);
      }),
    );
  });

  it('does not remove rows that the hints make unusable: nobody saw them as boxes', () => {
    const source = '9 .5 .5 .1 .1\n0 .5 .5 .1 .1\n';
    expect(withBoxes(source, [], { classCount: 3 })).toBe('9 .5 .5 .1 .1\n');
    expect(withBoxes(source, [])).toBe('');
  });
});
