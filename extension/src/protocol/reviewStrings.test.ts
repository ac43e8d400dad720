import { describe, expect, it } from 'vitest';
import { reviewStrings } from './reviewStrings.ts';
import { stringLiterals } from './testing/stringLiterals.ts';

describe('the texts of the panel', () => {
  it('are all in use; that the list has all, the types say', () => {
    const used = stringLiterals('webview/src/review');
    expect(reviewStrings.filter((string) => !used.has(string))).toEqual([]);
  });

  it('are listed once', () => {
    expect(new Set(reviewStrings).size).toBe(reviewStrings.length);
  });
});
