import { describe, expect, it } from 'vitest';
import { parseDataYaml } from './dataYaml.ts';
import { DatasetError } from './errors.ts';

const file = '/data/set/data.yaml';
const parse = (text: string): ReturnType<typeof parseDataYaml> => parseDataYaml(text, file);

function failure(text: string): DatasetError {
  try {
    parse(text);
  } catch (error) {
    if (error instanceof DatasetError) return error;
    throw error;
  }
  throw new Error(`No error for: ${text}`);
}

describe('parseDataYaml', () => {
  it('reads lists and maps of names, folders, lists of folders and path', () => {
    expect(
      parse('path: ../x\ntrain: images/train\nval: [a.txt, images/val]\ntest:\nnames: [cat, 7, true]\n'),
    ).toMatchObject({
      path: '../x',
      splits: { train: ['images/train'], val: ['a.txt', 'images/val'], test: [] },
      classNames: ['cat', '7', 'true'],
      problems: [],
    });
    expect(parse('train: a\nnames:\n  1: dog\n  0: cat\nnc: 2').classNames).toEqual(['cat', 'dog']);
    expect(parse('train: a\nnames: {"0": cat}').classNames).toEqual(['cat']);
  });

  it('names the classes of a bare nc as Ultralytics does', () => {
    expect(parse('train: a\nnc: 2').classNames).toEqual(['class_0', 'class_1']);
    expect(parse('train: a\nnc: "2"\nnames:').classNames).toEqual(['class_0', 'class_1']);
  });

  it('accepts "validation" for "val", and says so', () => {
    const { splits, problems } = parse('train: a\nvalidation: b\nnames: [x]');
    expect(splits.val).toEqual(['b']);
    expect(problems).toMatchObject([{ severity: 'info', code: 'validation-alias' }]);
  });

  it('names a download entry and does nothing with it', () => {
    const { problems } = parse('train: a\nnames: [x]\ndownload: |\n  raise SystemExit(1)\n');
    expect(problems).toMatchObject([{ severity: 'info', code: 'download-ignored', file }]);
    expect(problems[0]?.message).toContain('never run');
  });

  it('tells poses and oriented boxes', () => {
    expect(parse('train: a\nnames: [x]\nkpt_shape: [17, 3]')).toMatchObject({
      keypointShape: [17, 3],
      problems: [{ code: 'task-unsupported', severity: 'error' }],
    });
    expect(parse('train: a\nnames: [x]\ntask: obb').problems[0]?.message).toContain('oriented boxes');
    expect(parse('train: a\nnames: [x]\ntask: detect').problems).toEqual([]);
  });

  it('warns of two classes of one name', () => {
    expect(parse('train: a\nnames: [x, y, x]').problems).toMatchObject([{ code: 'duplicate-class-name' }]);
  });

  it.each([
    ['', 'yaml-not-a-map', /data\.yaml is empty/],
    ['- a\n- b', 'yaml-not-a-map', /no list of "key: value" lines/],
    ['train: a\nnames: [x\nval: b', 'yaml-syntax', /line 3, column \d+/],
    ['train: a\n\tnames: [x]', 'yaml-syntax', /line 2, column \d+/],
    ['train: a\ntrain: b\nnames: [x]', 'yaml-syntax', /line 2, column 1.*unique/],
    ['train: a', 'names-missing', /names no classes/],
    ['train: a\nnames: []', 'names-missing', /are empty/],
    ['train: a\nnames: {}', 'names-missing', /are empty/],
    ['train: a\nnc: 0', 'names-missing', /no classes/],
    ['train: a\nnames: cat', 'names-invalid', /"cat", neither a list nor a map/],
    ['train: a\nnames: [cat, ~]', 'names-invalid', /Class 1 .* has no name/],
    ['train: a\nnames: [cat, [dog]]', 'names-invalid', /Class 1/],
    ['train: a\nnames: {a: cat}', 'names-invalid', /the id "a"/],
    [
      'train: a\nnames: {1: cat, 2: dog}',
      'names-gap',
      /2 names need the ids 0 to 1, but 0 is missing \(there are 1, 2\)/,
    ],
    ['train: a\nnames: [x]\nnc: 3', 'names-count', /1 names, but "nc" is 3/],
    ['train: a\nnc: 1.5', 'nc-invalid', /"nc" in .* is 1\.5/],
    ['train: a\nnc: many', 'nc-invalid', /"many"/],
    ['train: a\nnc: -1', 'nc-invalid', /-1/],
    ['names: [x]\nval: b', 'train-missing', /names no "train" images/],
    ['train:\nnames: [x]', 'train-missing', /names no "train"/],
    ['train: 5\nnames: [x]', 'split-invalid', /"train" .* holds 5/],
    ['train: a\nval: [b, {c: d}]\nnames: [x]', 'split-invalid', /"val"/],
    ['train: a\npath: [b]\nnames: [x]', 'path-invalid', /"path" in/],
  ])('refuses %j as %s', (text, code, message) => {
    const error = failure(text);
    expect(error.code).toBe(code);
    expect(error.message).toMatch(message);
    expect(error.message).toContain(file);
    expect(error.where).toContain(file);
    expect(error.hint.length).toBeGreaterThan(10);
  });

  it('does not blow up on a bomb of aliases', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array.from({ length: 10 }, () => `*l${i}`).join(', ')}]`,
    );
    expect(failure(`l0: &l0 [x]\n${levels.join('\n')}\ntrain: a\nnames: [x]`).code).toBe('yaml-syntax');
  });
});
