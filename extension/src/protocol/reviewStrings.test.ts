import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { reviewStrings } from './reviewStrings.ts';

function sources(folder: string): string {
  return readdirSync(folder, { withFileTypes: true })
    .map((entry) => {
      const path = join(folder, entry.name);
      if (entry.isDirectory()) return entry.name === 'testing' ? '' : sources(path);
      return /\.tsx?$/.test(entry.name) && !entry.name.includes('.test.') ? readFileSync(path, 'utf8') : '';
    })
    .join('\n');
}

describe('the texts of the panel', () => {
  it('are all in use; that the list has all, the types say', () => {
    const text = sources(join(import.meta.dirname, '../../../webview/src/review'));
    const unused = reviewStrings.filter((string) => !text.includes(`'${string}'`));
    expect(unused).toEqual([]);
  });

  it('are listed once', () => {
    expect(new Set(reviewStrings).size).toBe(reviewStrings.length);
  });
});
