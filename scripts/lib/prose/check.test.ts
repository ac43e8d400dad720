import { describe, expect, it } from 'vitest';
import { checkProse } from './check.ts';

const lines = (name: string, text: string): number[] => checkProse(name, text).map(({ line }) => line);

describe('the check of plain English', () => {
  it('finds words of the list and says what to write', () => {
    expect(checkProse('a.md', 'Fine.\nIt starts anew.\n')).toEqual([{ line: 2, message: '"anew": write "again"' }]);
    expect(lines('a.md', 'Whoever opens it\nis told.')).toEqual([1, 2]);
  });

  it('reads the prose of Markdown, not its code and addresses', () => {
    expect(lines('a.md', '`anew`\n```\nanew\n```\n[x](anew.md)\n<!-- anew -->\nhttps://anew.org\n')).toEqual([]);
    expect(lines('a.md', '| a | anew |\n')).toEqual([1]);
  });

  it('reads the values of JSON, not its keys', () => {
    expect(lines('a.json', '{\n  "anew": "once"\n}')).toEqual([]);
    expect(lines('a.json', '{\n  "once": "anew"\n}')).toEqual([2]);
  });

  it('reads comments and test titles of TypeScript', () => {
    const code = [
      '/** Starts',
      ' * anew. */',
      'const anew = "anew"; // fine',
      '// anew',
      "it.each([1])('starts anew', x);",
    ];
    expect(lines('a.ts', code.join('\n'))).toEqual([2, 4, 5]);
  });

  it('reads comments and docstrings of Python', () => {
    const code = ['"""One', 'anew."""', 'anew = "anew"', '# anew', 'def f():', '    """anew"""', 'anew = 1'];
    expect(lines('a.py', code.join('\n'))).toEqual([2, 4, 6]);
  });

  it('ignores files without prose', () => {
    expect(lines('a.png', 'anew')).toEqual([]);
  });
});
