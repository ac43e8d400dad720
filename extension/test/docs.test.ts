import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { strategies } from '../src/core/selection/registry.ts';
import { builtInScores } from '../src/core/uncertainty/registry.ts';
import { fastLimits } from '../src/workflow/iteration/scoring/fastModel.ts';

const root = join(import.meta.dirname, '..', '..');
const pages = ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)];
const read = (path: string): string => readFileSync(join(root, path), 'utf8');

/** The ids in the first column of all tables. */
function firstColumn(text: string): string[] {
  return [...text.matchAll(/^\| `([\w-]+)` +\|/gm)].map((match) => match[1] ?? '');
}

/** What GitHub makes of a heading. */
function anchors(text: string): string[] {
  const headings = [...text.matchAll(/^#+ (.+)$/gm)].map((match) => match[1] ?? '');
  return headings.map((heading) =>
    heading
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\- _]/gu, '')
      .replaceAll(' ', '-'),
  );
}

describe('the documentation', () => {
  test.each(['README.md', 'docs/scores.md', 'docs/strategies.md'])('%s has every strategy in a table', (page) => {
    expect(firstColumn(read(page))).toEqual(expect.arrayContaining(strategies.map(({ id }) => id)));
  });

  test('describes when to use each strategy, its source and its cost', () => {
    const [, ...sections] = read('docs/strategies.md').split(/^### /m);
    expect(sections.map((section) => /^`([\w-]+)`/.exec(section)?.[1])).toEqual(strategies.map(({ id }) => id));
    for (const section of sections) {
      for (const word of ['When', 'Source', 'Cost']) expect(section).toContain(`- **${word}:** `);
    }
  });

  test('has every score in a table', () => {
    expect(firstColumn(read('docs/scores.md'))).toEqual(expect.arrayContaining(builtInScores.map(({ id }) => id)));
    expect(read('README.md')).toContain(`| ${builtInScores.length}, and your own `);
  });

  test('names the limits of fast scoring as they are', () => {
    const section = /### Fast scoring\n(.*?)\n#/s.exec(read('docs/scores.md'))?.[1] ?? '';
    const text = section.replaceAll(/\s+/g, ' ');
    expect(text).toContain(` ${fastLimits.images} or more validation images`);
    expect(text).toContain(`rank correlation of \`decision-entropy\` at least ${fastLimits.rankCorrelation})`);
    expect(text).toContain(`mAP50-95 within ${fastLimits.map5095Delta})`);
    expect(text).toContain(`faster (${fastLimits.ratioToFp32} times,`);
  });

  test.each(pages)('%s links to files and headings that are there', (page) => {
    const broken = [...read(page).matchAll(/\]\((?!\w+:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].filter(([, path, anchor]) => {
      const target = path === '' || path === undefined ? page : join(dirname(page), path);
      if (!existsSync(join(root, target))) return true;
      return anchor !== undefined && !anchors(read(target)).includes(anchor);
    });
    expect(broken.map(([link]) => link)).toEqual([]);
  });
});
