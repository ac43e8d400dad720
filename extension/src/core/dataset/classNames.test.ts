import { describe, expect, it } from 'vitest';
import { compareClassNames } from './classNames.ts';

const old = ['scratch', 'dent', 'crack'];

describe('compareClassNames', () => {
  it.each([
    ['same', old],
    ['appended', [...old, 'hole']],
    ['renamed', ['scratch', 'bump', 'crack']],
    ['renamed', ['scratch', 'bump', 'crack', 'hole']],
    ['renamed', ['Scratch', 'dent', 'crack']],
    ['reordered', ['dent', 'scratch', 'crack']],
    ['reordered', ['hole', 'scratch', 'dent', 'crack']],
    ['reordered', ['scratch', 'crack', 'hole']],
    ['reordered', ['scratch', 'scratch', 'crack']],
    ['reordered', ['dent', 'bump', 'crack']],
    ['removed', ['scratch', 'dent']],
    ['removed', ['scratch', 'crack']],
    ['removed', []],
  ])('%s: %j', (kind, current) => {
    expect(compareClassNames(old, current).kind).toBe(kind);
  });

  it('names each id whose meaning would change', () => {
    const change = compareClassNames(old, ['dent', 'scratch', 'crack']);
    expect(change.differences).toEqual([
      { id: 0, from: 'scratch', to: 'dent' },
      { id: 1, from: 'dent', to: 'scratch' },
    ]);
    expect(change.message).toContain('0 was "scratch" and is "dent"; 1 was "dent" and is "scratch"');
    expect(change.hint).toContain('old order');
  });

  it('compares many names quickly, and names a few', () => {
    const many = Array.from({ length: 25_000 }, (_, id) => `name ${id}`);
    const start = performance.now();
    expect(
      compareClassNames(
        many,
        many.map((name) => `${name}!`),
      ),
    ).toMatchObject({
      kind: 'renamed',
      message: expect.stringMatching(/and 24980 more\.$/),
    });
    expect(compareClassNames(many, many.toReversed()).kind).toBe('reordered');
    expect(compareClassNames(many, many.slice(0, 100)).message.length).toBeLessThan(2000);
    expect(performance.now() - start).toBeLessThan(2000);
  });

  it('distinguishes two equal names by their place', () => {
    expect(compareClassNames(['a', 'a', 'b'], ['a', 'a', 'c']).kind).toBe('renamed');
    expect(compareClassNames(['a', 'a', 'b'], ['a', 'b', 'a']).kind).toBe('reordered');
  });

  it('names a class that is gone', () => {
    expect(compareClassNames(old, ['scratch', 'dent'])).toMatchObject({
      kind: 'removed',
      message: expect.stringMatching(/2 was "crack" and is gone/),
    });
  });
});
