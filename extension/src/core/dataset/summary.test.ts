import { describe, expect, it } from 'vitest';
import { limitPerCode } from './problemList.ts';
import type { ImageFacts } from './datasetFacts.ts';
import { summarizeDataset } from './summary.ts';
import type { DatasetProblem, Split } from './types.ts';

const image = (split: Split, facts: Partial<ImageFacts> = {}): ImageFacts => ({
  split,
  broken: false,
  classIds: null,
  file: `/d/${split}.jpg`,
  ...facts,
});
const summary = (images: ImageFacts[], hasValidationSplit = false): ReturnType<typeof summarizeDataset> =>
  summarizeDataset({ classNames: ['scratch', 'dent'], images, problems: [], hasValidationSplit });
const codes = (images: ImageFacts[], hasValidationSplit = false): string[] =>
  summary(images, hasValidationSplit).problems.map(({ code }) => code);

describe('summarizeDataset', () => {
  it('counts', () => {
    const images = [
      image('train', { classIds: [0, 0, 1] }),
      image('train', { classIds: [] }),
      image('train', { classIds: [], unusableLabels: true }),
      image('train'),
      image('train', { broken: true, classIds: [0] }),
      image('pool'),
      image('val', { classIds: [1] }),
      image('test'),
    ];
    expect(summary(images, true)).toMatchObject({
      images: 8,
      labelled: 4,
      background: 1,
      unlabelled: 3,
      validation: 1,
      test: 1,
      broken: 1,
      boxes: 4,
      boxesPerClass: [2, 2],
    });
  });

  it('does not say that no validation images are named where they are those of training', () => {
    const same: DatasetProblem = { severity: 'error', code: 'validation-is-training', message: '', hint: '' };
    const images = [image('train', { classIds: [0, 1] })];
    const { problems } = summarizeDataset({
      classNames: ['a', 'b'],
      images,
      problems: [same],
      hasValidationSplit: false,
    });
    expect(problems.map(({ code }) => code)).not.toContain('no-validation-split');
  });

  it('reports that nothing is labelled, and where labels are expected', () => {
    const { problems } = summary([image('train'), image('train')]);
    expect(problems.find(({ code }) => code === 'no-labels')?.hint).toContain('/labels/a.txt');
    expect(problems.map(({ code }) => code)).not.toContain('class-without-boxes');
  });

  it('names a class without any box', () => {
    const { problems } = summary([image('train', { classIds: [0] }), image('train')]);
    expect(problems.find(({ code }) => code === 'class-without-boxes')?.message).toContain('Class 1 ("dent")');
  });

  it('reports a missing or poor validation split', () => {
    expect(codes([image('train', { classIds: [0, 1] })])).toContain('no-validation-split');
    const poor = summary(
      [image('train', { classIds: [0, 1] }), image('val', { classIds: [0] }), image('val')],
      true,
    ).problems;
    expect(poor.map(({ code }) => code)).toEqual(
      expect.arrayContaining(['small-validation', 'unlabelled-validation', 'validation-class-missing']),
    );
    expect(poor.find(({ code }) => code === 'small-validation')?.message).toContain(
      'only 1 labelled validation image; with fewer than 30',
    );
    expect(poor.find(({ code }) => code === 'validation-class-missing')?.message).toContain(
      '1 of 2 classes; missing: 1 ("dent")',
    );
    const good = Array.from({ length: 30 }, () => image('val', { classIds: [0, 1] }));
    expect(codes([image('train'), ...good], true)).toEqual([]);
  });

  it('finds equal pictures in training and validation, not within training', () => {
    const leak = image('train', { contentHash: 'x', file: '/d/copy.jpg' });
    const { problems } = summary(
      [
        leak,
        image('val', { contentHash: 'x', file: '/d/v.jpg' }),
        image('train', { contentHash: 'y' }),
        image('train', { contentHash: 'y' }),
      ],
      true,
    );
    const leaks = problems.filter(({ code }) => code === 'content-leak');
    expect(leaks).toHaveLength(1);
    expect(leaks[0]?.message).toContain('/d/copy.jpg (train) is the same image as /d/v.jpg (val)');
  });

  it('finds pictures that look the same across splits, and names the two', () => {
    const seen = '0123456789abcdef0123456789abcdef';
    const { problems } = summary(
      [
        image('train', { contentHash: 'a', perceptualHash: seen.replace('0', '1'), file: '/d/again.jpg' }),
        image('train', { contentHash: 'b', perceptualHash: seen.replace('0123', '3210'), file: '/d/other.jpg' }),
        image('val', { contentHash: 'c', perceptualHash: seen, file: '/d/v.jpg' }),
        image('val', { contentHash: 'd', perceptualHash: seen, file: '/d/v2.jpg' }),
        image('test', { contentHash: 'e', perceptualHash: seen, file: '/d/t.jpg' }),
        image('train', { contentHash: 'f', perceptualHash: null }),
      ],
      true,
    );
    const leaks = problems.filter(({ code }) => code === 'near-duplicate-leak').map(({ message }) => message);
    expect(leaks).toEqual([
      expect.stringContaining('/d/again.jpg (train) looks the same as /d/t.jpg (test)'),
      expect.stringContaining('/d/v.jpg (val) looks the same as /d/t.jpg (test)'),
      expect.stringContaining('/d/v2.jpg (val) looks the same as /d/t.jpg (test)'),
    ]);
  });

  it('reports broken images, unusable labels, and an empty pool', () => {
    expect(codes([image('train', { broken: true }), image('train', { classIds: [], unusableLabels: true })])).toEqual(
      expect.arrayContaining(['broken-images', 'unusable-labels', 'nothing-unlabelled']),
    );
    expect(codes([image('train', { broken: true })])[0]).toBe('no-readable-image');
  });
});

describe('limitPerCode', () => {
  it('puts errors first, and counts what it cuts', () => {
    const many = Array.from({ length: 60 }, (_, i): DatasetProblem => ({
      severity: 'warning',
      code: 'w',
      message: `${i}`,
      hint: 'h',
    }));
    const limited = limitPerCode([...many, { severity: 'error', code: 'e', message: 'first', hint: '' }]);
    expect(limited).toHaveLength(52);
    expect(limited[0]?.code).toBe('e');
    expect(limited.at(-1)?.message).toBe('10 more of the same kind: w.');
  });
});
