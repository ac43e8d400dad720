import { expect, test } from 'vitest';
import type { DuplicateReport, ReportedDuplicate, ReportedImage } from '../../workflow/similarity/duplicates.ts';
import { duplicateLines, duplicateSummary, leakProblems } from './duplicateText.ts';
import { english } from './localiser.ts';

let count = 0;
const image = (name: string, split: ReportedImage['split'], state: ReportedImage['state']): ReportedImage => ({
  imageId: ++count,
  file: `/d/${name}`,
  split,
  state,
});
const like = (of: ReportedImage, sameFile = false): ReportedDuplicate => ({ ...of, sameFile, bits: 3, cosine: 0.9666 });

const held = image('val.jpg', 'val', 'labelled');
const trained = like(image('trained.jpg', 'train', 'labelled'));
const drawn = like(image('drawn.jpg', 'pool', 'unlabelled'), true);
const labelled = image('labelled.jpg', 'train', 'labelled');
const report: DuplicateReport = {
  images: 9,
  withEmbeddings: true,
  groups: [
    { first: image('a.jpg', 'pool', 'unlabelled'), others: [like(image('b.jpg', 'pool', 'later'), true)] },
    { first: labelled, others: [{ ...like(image('c.jpg', 'pool', 'unlabelled')), cosine: null }] },
    { first: held, others: [trained, drawn] },
  ],
  leaks: [
    { held, image: trained },
    { held, image: drawn },
  ],
};

test('duplicates across the validation split come first, then the labelled set, then the pool', () => {
  const lines = duplicateLines(english, report).map((line) =>
    line.kind === 'heading' ? line.label : `${line.kind} ${line.label}: ${line.description}`,
  );
  expect(lines).toEqual([
    'Across the validation split (inflates the metrics)',
    'first val.jpg: validation',
    'other trained.jpg: labelled · 3 of 64 bits differ, cosine 0.967',
    'other drawn.jpg: pool · same file',
    'Duplicates of a labelled image',
    'first labelled.jpg: labelled',
    'other c.jpg: pool · 3 of 64 bits differ',
    'Within the pool',
    'first a.jpg: pool',
    'other b.jpg: pool · same file',
  ]);
});

test('the summary reports if only hashes were compared', () => {
  expect(duplicateSummary(english, report)).toBe('9 images: 4 duplicates in 3 groups');
  expect(duplicateSummary(english, { ...report, withEmbeddings: false })).toContain('Compared by hash only');
});

test('a leak is a warning at its file with the other file and the consequence', () => {
  const problems = leakProblems(english, report);
  expect(problems.map(({ code, file, severity }) => [code, file, severity])).toEqual([
    ['near-duplicate-leak', '/d/trained.jpg', 'warning'],
    ['content-leak', '/d/drawn.jpg', 'warning'],
  ]);
  expect(problems[0]?.message).toBe('This is a near duplicate of /d/val.jpg (val).');
  expect(problems[0]?.hint).toContain('too optimistic');
  expect(problems[1]?.hint).toContain('only if no other image is left');
});

test('duplicates among validation images are no leak', () => {
  const twice = {
    ...report,
    groups: [{ first: held, others: [like(image('val 2.jpg', 'val', 'labelled'))] }],
    leaks: [],
  };
  expect(duplicateLines(english, twice).map(({ label }) => label)).toEqual([
    'Duplicates of a labelled image',
    'val.jpg',
    'val 2.jpg',
  ]);
});
