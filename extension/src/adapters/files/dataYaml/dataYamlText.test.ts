import { array, assert, constantFrom, pre, property, string } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { parseDataYaml } from '../../../core/dataset/dataYaml.ts';
import { appendClassName } from './dataYamlText.ts';

const file = '/data/data.yaml';
const append = (text: string, name = 'burr'): string => appendClassName(text, name, file);

describe('a class is appended in the style of the others without other changes', () => {
  test.each([
    ['a flow list', 'train: t\nnames: [a, b]\n', 'train: t\nnames: [a, b, burr]\n'],
    ['a flow list with a comment', 'train: t\nnames: [a, b] # two\n', 'train: t\nnames: [a, b, burr] # two\n'],
    ['a trailing comma', 'train: t\nnames: [a, b,]\n', 'train: t\nnames: [a, b, burr,]\n'],
    ['a flow list in quotes', `train: t\nnames: ['a', 'b']\n`, `train: t\nnames: ['a', 'b', 'burr']\n`],
    ['a flow list without blanks', `train: t\nnames: ["a","b"]\n`, `train: t\nnames: ["a","b", "burr"]\n`],
    [
      'a flow list on lines of their own',
      'train: t\nnames: [\n  a, # first\n  b # second\n]\n',
      'train: t\nnames: [\n  a, # first\n  b, # second\n  burr\n]\n',
    ],
    [
      'a flow list on lines with a last comma',
      'train: t\nnames: [\n  a,\n  b,\n]\n',
      'train: t\nnames: [\n  a,\n  b,\n  burr,\n]\n',
    ],
    ['a flow map', 'train: t\nnames: {0: a, 1: b}\n', 'train: t\nnames: {0: a, 1: b, 2: burr}\n'],
    [
      'a flow map on lines',
      'train: t\nnames: {\n  0: a,\n  1: b\n}\nval: v\n',
      'train: t\nnames: {\n  0: a,\n  1: b,\n  2: burr\n}\nval: v\n',
    ],
    [
      'a block list',
      'names:\n  - a\n  - b   # second\n\n# images\ntrain: t\n',
      'names:\n  - a\n  - b   # second\n  - burr\n\n# images\ntrain: t\n',
    ],
    ['a block list without indent', 'names:\n- a\n- "b"\ntrain: t\n', 'names:\n- a\n- "b"\n- "burr"\ntrain: t\n'],
    ['a file without a last line break', 'train: t\nnames:\n  - a', 'train: t\nnames:\n  - a\n  - burr'],
    [
      'a block map',
      '# parts\ntrain: t\nnames:\n  0: a\n  1: b # c\nval: v\n',
      '# parts\ntrain: t\nnames:\n  0: a\n  1: b # c\n  2: burr\nval: v\n',
    ],
    [
      'a block map with quoted ids',
      `train: t\nnames:\n  "0": 'a'\n  "1": 'b'\n`,
      `train: t\nnames:\n  "0": 'a'\n  "1": 'b'\n  "2": 'burr'\n`,
    ],
    [
      'a block map that is not in order',
      'train: t\nnames:\n  1: b\n  0: a\n',
      'train: t\nnames:\n  1: b\n  0: a\n  2: burr\n',
    ],
    [
      'Windows line ends',
      'train: t\r\nnames:\r\n  - a\r\n  - b\r\nval: v\r\n',
      'train: t\r\nnames:\r\n  - a\r\n  - b\r\n  - burr\r\nval: v\r\n',
    ],
    ['a byte-order mark', '\uFEFFtrain: t\nnames: [a]\n', '\uFEFFtrain: t\nnames: [a, burr]\n'],
    ['the count', 'nc: 2 # classes\nnames: [a, b]\ntrain: t\n', 'nc: 3 # classes\nnames: [a, b, burr]\ntrain: t\n'],
    ['a count after the names', 'names:\n  - a\nnc:   1\ntrain: t\n', 'names:\n  - a\n  - burr\nnc:   2\ntrain: t\n'],
    ['JSON', '{"train": "t", "names": ["a", "b"]}\n', '{"train": "t", "names": ["a", "b", "burr"]}\n'],
    [
      'an anchor that nobody uses',
      'train: t\nnames: &all\n  - &x a\n  - b\n',
      'train: t\nnames: &all\n  - &x a\n  - b\n  - burr\n',
    ],
    ['an alias as the last name', 'train: &t t\nnames: [a, *t]\n', 'train: &t t\nnames: [a, *t, burr]\n'],
    [
      'a name over several lines',
      'train: t\nnames:\n  - a\n  - >-\n    long\n    name\nval: v\n',
      'train: t\nnames:\n  - a\n  - >-\n    long\n    name\n  - burr\nval: v\n',
    ],
    [
      'classes that have no names yet',
      'train: t\nnc: 2 # c\nval: v\n',
      'train: t\nnc: 3 # c\nnames: [class_0, class_1, burr]\nval: v\n',
    ],
    ['empty names', 'train: t\nnc: 1\nnames:\nval: v\n', 'train: t\nnc: 2\nnames: [class_0, burr]\nval: v\n'],
    ['document marks', '---\ntrain: t\nnames:\n  - a\n...\n', '---\ntrain: t\nnames:\n  - a\n  - burr\n...\n'],
  ])('%s', (_what, before, after) => {
    expect(append(before)).toBe(after);
  });
});

describe('names that YAML would not read as text are quoted', () => {
  test.each([
    ['no', '"no"'],
    ['Null', '"Null"'],
    ['12', '"12"'],
    ['1.5 mm', '"1.5 mm"'],
    ['a: b', '"a: b"'],
    ['a #1', '"a #1"'],
    ['[x]', '"[x]"'],
    ['x, y', '"x, y"'],
    ['she said "no"', '"she said \\"no\\""'],
    ['back\\slash', '"back\\\\slash"'],
    ['- dash', '"- dash"'],
    ['*star', '"*star"'],
    ['Fräser ø', 'Fräser ø'],
    ['划痕', '划痕'],
    ['scratch (deep)', '"scratch (deep)"'],
  ])('%s', (name, written) => {
    expect(append('train: t\nnames: [a]\n', name)).toBe(`train: t\nnames: [a, ${written}]\n`);
  });

  test('single quotes are doubled inside single quotes', () => {
    expect(append(`train: t\nnames: ['a']\n`, `d'or`)).toBe(`train: t\nnames: ['a', 'd''or']\n`);
  });
});

describe('unsafe edits are rejected', () => {
  test.each([
    ['names that another entry shares', 'other: &n [a, b]\nnames: *n\ntrain: t\n'],
    ['names that are an anchor of another entry', 'names: &n [a, b]\nother: *n\ntrain: t\n'],
    ['names written as null', 'train: t\nnc: 1\nnames: ~\n'],
    ['names that come from a merge key', 'base: &b {names: [a]}\n<<: *b\ntrain: t\nnc: 1\n'],
  ])('%s', (_what, text) => {
    expect(() => append(text)).toThrow(expect.objectContaining({ code: 'layout-unknown', where: file }));
  });

  test('an invalid file is reported with its own error', () => {
    expect(() => append('names: [a')).toThrow(expect.objectContaining({ code: 'yaml-syntax' }));
    expect(() => append('train: t\nnc: 3\nnames: [a]\n')).toThrow(expect.objectContaining({ code: 'names-count' }));
  });
});

test('any name in any style is read back unchanged, and the other entries stay', () => {
  const names = array(string({ unit: 'grapheme', minLength: 1, maxLength: 12 }), { minLength: 1, maxLength: 4 });
  const style = constantFrom(
    (list: readonly string[]) => `names: [${list.map((name) => JSON.stringify(name)).join(', ')}]\n`,
    (list: readonly string[]) => `names:\n${list.map((name) => `  - ${JSON.stringify(name)}\n`).join('')}`,
    (list: readonly string[]) => `names:\n${list.map((name, id) => `  ${id}: ${JSON.stringify(name)} # c\n`).join('')}`,
    (list: readonly string[]) => `names: {${list.map((name, id) => `${id}: ${JSON.stringify(name)}`).join(',')}}\n`,
    (list: readonly string[]) => `nc: ${list.length}\nnames:\n${list.map((_name, id) => `- plain ${id}\n`).join('')}`,
  );
  const newName = string({ unit: 'grapheme', minLength: 1, maxLength: 20 }).filter(
    (name) => name.trim() === name && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]/u.test(name),
  );
  assert(
    property(names, style, newName, (list, write, name) => {
      // The parser rejects names with a replacement character.
      pre(list.every((one) => one.trim() !== '' && !/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\uFFFD]/u.test(one)));
      const before = `# mine\ntrain: t\n${write(list)}val: v # held out\n`;
      const after = append(before, name);
      const old = parseDataYaml(before, file).classNames;
      expect(parseDataYaml(after, file).classNames).toEqual([...old, name]);
      expect(parse(after)).toMatchObject({ train: 't', val: 'v' });
      expect(after.startsWith('# mine\ntrain: t\n') && after.endsWith('val: v # held out\n')).toBe(true);
    }),
    { numRuns: 200 },
  );
});
