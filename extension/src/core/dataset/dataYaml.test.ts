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
      parse('path: ../x\ntrain: images/train\nval: [a.txt, images/val]\ntest:\nnames: [cat, 7, yes please]\n'),
    ).toMatchObject({
      path: '../x',
      splits: { train: ['images/train'], val: ['a.txt', 'images/val'], test: [] },
      classNames: ['cat', '7', 'yes please'],
      problems: [],
    });
    expect(parse('train: a\nnames:\n  1: dog\n  0: cat\nnc: 2').classNames).toEqual(['cat', 'dog']);
    expect(parse('train: a\nnames: {"0": cat}').classNames).toEqual(['cat']);
  });

  it('names the classes of a bare nc as Ultralytics does', () => {
    expect(parse('train: a\nnc: 2').classNames).toEqual(['class_0', 'class_1']);
    expect(parse('train: a\nnc: "2"\nnames:').classNames).toEqual(['class_0', 'class_1']);
  });

  it('accepts "validation" for "val", with a warning', () => {
    const { splits, problems } = parse('train: a\nvalidation: b\nnames: [x]');
    expect(splits.val).toEqual(['b']);
    expect(problems).toMatchObject([{ severity: 'info', code: 'validation-alias' }]);
  });

  it('names a download entry and does nothing with it', () => {
    const { problems } = parse('train: a\nnames: [x]\ndownload: |\n  raise SystemExit(1)\n');
    expect(problems).toMatchObject([{ severity: 'info', code: 'download-ignored', file }]);
    expect(problems[0]?.message).toContain('never run');
  });

  it('recognises poses and oriented boxes', () => {
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
    ['0123', '83'],
    ['1.0', null],
    ['1.50', '1.5'],
    ['1e3', null],
    ['1.0e+3', '1000.0'],
    ['007', '7'],
    ['0x1F', '31'],
    ['0b11', '3'],
    ['1_000', '1000'],
    ['+5', '5'],
    ['12:30', '750'],
    ['.5', '0.5'],
    ['.inf', 'inf'],
    ['yes', 'True'],
    ['no', 'False'],
    ['On', 'True'],
    ['OFF', 'False'],
    ['null', 'None'],
    ['true', 'True'],
    ['2024-01-01', 'a date'],
    ['42', null],
    ['yEs', null],
    ['08', null],
    ['v1.0', null],
  ])('takes the name %s as it is written, where Ultralytics reads %s', (name, other) => {
    for (const text of [`train: a\nnames:\n  - ${name}\n  - x`, `train: a\nnames: {0: ${name}, 1: x}`]) {
      const { classNames, problems } = parse(text);
      expect(classNames).toEqual([name, 'x']);
      expect(problems.map(({ code }) => code)).toEqual(other === null ? [] : ['names-unquoted']);
      expect(problems.every(({ message }) => message.includes(`${name} (${other})`))).toBe(true);
    }
    for (const quoted of [`"${name}"`, `'${name}'`, `!!str ${name}`]) {
      expect(parse(`train: a\nnames: [${quoted}]`)).toMatchObject({ classNames: [name], problems: [] });
    }
  });

  it('says in which line names stand that need quotes, and how many', () => {
    const names = Array.from({ length: 9 }, (_, id) => `  - 0${id + 10}`).join('\n');
    const [problem] = parse(`train: a\nnames:\n  - x\n${names}`).problems;
    expect(problem).toMatchObject({ line: 4, message: expect.stringContaining('010 (8), 011 (9)') });
    expect(problem?.message).toContain('and 3 more');
  });

  it.each([
    ['a merge key', 'common: &c {names: [a, 0x1]}\n<<: *c\ntrain: t'],
    ['a list of merge keys', 'c: &c {names: [a, 0x1]}\nd: &d {val: v, names: [z]}\n<<: [*c, *d]\ntrain: t'],
    ['two merge keys', 'c: &c {names: [a, 0x1]}\nd: &d {val: v}\n<<: *c\n<<: *d\ntrain: t'],
    [
      'a merge key over which the file has the last word',
      'c: &c {names: [z], nc: 2}\n<<: *c\nnames: [a, 0x1]\ntrain: t',
    ],
    ['an alias', 'all: &n [a, 0x1]\ntrain: t\nnames: *n'],
    ['a list in another entry', 'x-names: &n\n  0: a\n  1: 0x1\ntrain: t\nnames:\n  <<: *n'],
  ])('reads names through %s', (_what, text) => {
    const { classNames, problems } = parse(text);
    expect(classNames).toEqual(['a', '0x1']);
    expect(problems.map(({ code }) => code)).toEqual(['names-unquoted']);
  });

  it.each(['valid', 'Val', 'VAL', 'Validation', 'eval', 'evaluation', 'dev', 'validate'])(
    'reads "%s" as the validation images, with a warning',
    (key) => {
      const { splits, problems } = parse(`train: a\n${key}: b\nnames: [x]`);
      expect(splits.val).toEqual(['b']);
      expect(problems).toMatchObject([{ severity: 'warning', code: 'validation-alias', line: 2 }]);
      expect(problems[0]?.message).toContain(`"${key}"`);
    },
  );

  it.each([
    ['valid: b\nval: c', 'valid', 'val'],
    ['val: c\nvalidation: b', 'validation', 'val'],
    ['val: c\ntset: b', 'tset', 'test'],
    ['val: c\nTest: b', 'Test', 'test'],
    ['val: c\nnum_classes: 1', 'num_classes', 'nc'],
    ['val: c\nname: [y]', 'name', 'names'],
  ])('warns of what is not used in %j', (rest, key, meant) => {
    const { splits, problems } = parse(`train: a\n${rest}\nnames: [x]`);
    expect(splits.val).toEqual(['c']);
    expect(problems).toMatchObject([{ severity: 'warning', code: 'key-unknown', line: expect.any(Number) }]);
    expect(problems[0]?.message).toContain(`The key "${key}" of ${file} is not used; "${meant}" is probably meant`);
  });

  it('notes keys of other tools once, and is silent about templates and what Roboflow writes', () => {
    const text = 'train: a\nval: b\nnames: [x]\nlicense: MIT\nauthor: me\nroboflow: {version: 1}\nx-extra: 1';
    expect(parse(text).problems).toMatchObject([
      { severity: 'info', code: 'key-unused', message: expect.stringContaining('"license", "author".') },
    ]);
  });

  it('reads zero-padded ids where every reader agrees on them', () => {
    expect(parse('train: a\nnames: {00: x, 01: y, 02: z}').classNames).toEqual(['x', 'y', 'z']);
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
    ['train: a\nnames: [cat, "D\uFFFDse"]', 'names-invalid', /class 1 .* contains a replacement character/],
    ['train: a\nvaldiation: b\nnames: [x]', 'key-unknown', /"valdiation" in line 2.*"val" is probably meant/],
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
    ['train: a\nnames: {0: x, 00: y}', 'names-invalid', /the id 0 twice/],
    ['train: a\nnames: {-1: x, 0: y}', 'names-invalid', /the id "-1"/],
    ['train: a\nnames: {0x0: x}', 'names-invalid', /the id "0x0"/],
    [
      `train: a\nnames: {${Array.from({ length: 11 }, (_, id) => `0${id}: n${id}`).join(', ')}}`,
      'names-invalid',
      /010.*reads as 8/,
    ],
    ['train: a\nnames: coco.yaml', 'names-invalid', /"coco\.yaml", neither/],
    ['train: a\nnames: ["a\\0b"]', 'names-invalid', /NUL character/],
    ['train: a\nnames: ["a\\uD800b"]', 'names-invalid', /lone surrogate/],
    ['train: a\nnc: 2000000', 'too-many-classes', /2,000,000 classes; at most 25,000/],
    ['train: a\nnames: &n {0: *n}', 'names-invalid', /Class 0/],
    ['train: &a [*a]\nnames: [x]', 'split-invalid', /holds itself/],
    ['train: a\nclasses: [x]', 'names-missing', /key "classes" in line 2; "names" is probably meant/],
    ['trian: a\nnames: [x]', 'train-missing', /key "trian" in line 1; "train" is probably meant/],
    ['train: a\nvla: b\nnames: [x]', 'key-unknown', /key "vla" in line 2.*"val" is probably meant/],
    ['train: a\nval: []\nnames: [x]', 'split-invalid', /"val" in .* names nothing/],
    ['train: a\nval: ""\nnames: [x]', 'split-invalid', /"val" in .* names nothing/],
    ['train: a\nval: [[b]]\nnames: [x]', 'split-invalid', /\["b"\]/],
    ['train: a\nval: 2024\nnames: [x]', 'split-invalid', /2024 .*needs quotes/],
    ['train: a\nval: {b: c}\nnames: [x]', 'split-invalid', /\{"b":"c"\}/],
    ['train: a\nval: "b\\0c"\nnames: [x]', 'split-invalid', /b\\u0000c/],
    ['<<: 5\ntrain: a\nnames: [x]', 'yaml-syntax', /Merge sources/],
    ['train: *gone\nnames: [x]', 'yaml-syntax', /gone/],
    ['train: a\n---\ntrain: b', 'yaml-syntax', /multiple documents/],
    ['train: a\nnames: {0: x, 1: y, 0: z}', 'yaml-syntax', /line 2, column \d+.*"0" is there twice/],
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

  it.each([
    ['a name that is too long', `train: a\nnames: [${'n'.repeat(501)}]`, 'names-invalid', /501 characters/],
    ['too many classes', `train: a\nnames:\n${'- a\n'.repeat(25_001)}`, 'too-many-classes', /25,001 classes/],
    ['too many entries', `train: a\nnames: [${'a,'.repeat(100_001)}]`, 'file-too-large', /100,000 lines and commas/],
    ['too many bytes', `train: a\nnames: [${'a'.repeat(2 * 1024 * 1024)}]`, 'file-too-large', /2 MB/],
    ['brackets without end', `train: ${'['.repeat(20_000)}`, 'yaml-syntax', /data\.yaml/],
  ])('refuses %s', (_what, ...[text, code, message]) => {
    expect(failure(text)).toMatchObject({ code, message: expect.stringMatching(message) });
  });

  it('refuses two million names at once', () => {
    const text = `train: a\nnames:\n${'- a\n'.repeat(2_000_000)}`;
    const start = performance.now();
    expect(failure(text).code).toBe('file-too-large');
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it('does not blow up on a bomb of aliases', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array.from({ length: 10 }, () => `*l${i}`).join(', ')}]`,
    );
    expect(failure(`l0: &l0 [x]\n${levels.join('\n')}\ntrain: a\nnames: [x]`).code).toBe('yaml-syntax');
  });
});
