import { describe, expect, test } from 'vitest';
import { planSample } from './plan.ts';

describe('planSample', () => {
  const plan = planSample({ seed: 1, images: 300, labelled: 40, validation: 60 });
  const group = (split: string, labelled: boolean) =>
    plan.filter((image) => image.split === split && image.labelled === labelled);

  test('plans exactly the requested images, with unique names', () => {
    expect(group('train', true)).toHaveLength(40);
    expect(group('train', false)).toHaveLength(260);
    expect(group('val', true)).toHaveLength(60);
    expect(new Set(plan.map((image) => image.name)).size).toBe(360);
  });

  test.each([
    [2, 1, 1],
    [8, 4, 2],
    [13, 6, 3],
  ])('of %i images %i are labelled, with %i for validation', (images, labelled, validation) => {
    for (let seed = 0; seed < 30; seed++) {
      const small = planSample({ seed, images, labelled, validation });
      expect(small.filter((image) => image.split === 'train')).toHaveLength(images);
      expect(small.filter((image) => image.split === 'train' && image.labelled)).toHaveLength(labelled);
      expect(small.filter((image) => image.split === 'val')).toHaveLength(validation);
    }
  });

  test('cracks are rare but there, and about a fifth of the parts are without defects', () => {
    for (const images of [group('train', true), group('train', false), group('val', true)]) {
      const classes = images.flatMap((image) => image.classes);
      const share = (name: string): number => classes.filter((value) => value === name).length / classes.length;
      expect(share('crack')).toBeGreaterThan(0.08);
      expect(share('crack')).toBeLessThan(0.2);
      expect(share('scratch')).toBeGreaterThan(share('stain'));
      const without = images.filter((image) => image.classes.length === 0).length / images.length;
      expect(without).toBeGreaterThan(0.1);
      expect(without).toBeLessThan(0.3);
    }
  });

  test('frames of one part never lie in both splits, and at most one of them is labelled', () => {
    const names = [...new Set(plan.map((image) => image.name.slice(0, 9)))];
    const parts = names.map((name) => plan.filter((image) => image.name.startsWith(`${name}-`)));
    const bursts = parts.filter((frames) => frames.length > 1);
    expect(bursts.length).toBeGreaterThan(15);
    for (const frames of bursts) {
      expect(new Set(frames.map((frame) => frame.split)).size).toBe(1);
      expect(new Set(frames.map((frame) => frame.sceneSeed)).size).toBe(1);
      expect(new Set(frames.map((frame) => frame.frameSeed)).size).toBe(frames.length);
      expect(frames.filter((frame) => frame.labelled).length).toBeLessThanOrEqual(1);
    }
  });
});
