import { describe, expect, test } from 'vitest';
import { binaryEntropy } from './binaryEntropy.ts';
import { classEntropy } from './classEntropy.ts';
import { margin } from './margin.ts';
import { bare, classed, evidenceOf, options } from './testing.ts';

const three = { classCount: 3 };

describe('margin', () => {
  test('is 1 − (p₁ − p₂) of a box, whichever class comes first', () => {
    expect(margin.compute(evidenceOf([classed([0.1, 0.8, 0.6])], three), options)).toBeCloseTo(0.8, 12);
    expect(margin.compute(evidenceOf([classed([0.6, 0.8, 0.1])], three), options)).toBeCloseTo(0.8, 12);
    expect(margin.compute(evidenceOf([classed([0, 0.7, 0])], three), options)).toBeCloseTo(0.3, 12);
  });

  test('with a single class is the margin to the background, 1 − |2s − 1|', () => {
    expect(margin.compute(evidenceOf([classed([0.5])]), options)).toBe(1);
    expect(margin.compute(evidenceOf([classed([0.9])]), options)).toBeCloseTo(0.2, 12);
    expect(margin.compute(evidenceOf([classed([0.2])]), options)).toBeCloseTo(0.4, 12);
  });

  test('with a single class needs no class scores, which end-to-end heads do not give', () => {
    expect(margin.compute(evidenceOf([bare(0.5)], { head: 'end2end' }), options)).toBe(1);
    expect(margin.whyNot?.(evidenceOf([bare(0.06)], { head: 'end2end' }), options)).toContain('sure enough');
  });

  test('does not ask background for its class', () => {
    const sure = classed([0.9, 0.05, 0]);
    const faint = classed([0.06, 0.05, 0], 1);
    expect(margin.compute(evidenceOf([sure, faint], three), options)).toBeCloseTo(0.15, 12);
    expect(margin.compute(evidenceOf([faint], three), options)).toBeNull();
    expect(margin.whyNot?.(evidenceOf([faint], three), options)).toBe('no box is sure enough to ask for its class');
    // A model whose threshold is low is asked earlier.
    expect(margin.compute(evidenceOf([faint], three), { ...options, threshold: 0.1 })).toBeCloseTo(0.99, 12);
  });

  test('has no value where one box came without class scores', () => {
    expect(margin.compute(evidenceOf([classed([0.9, 0.1]), bare(0.5, 1)], three), options)).toBeNull();
  });
});

describe('class entropy', () => {
  test('is that of the most doubtful class of a box', () => {
    const value = classEntropy.compute(evidenceOf([classed([0.1, 0.9, 0.4])], three), options);
    expect(value).toBeCloseTo(binaryEntropy(0.4), 12);
    expect(classEntropy.compute(evidenceOf([classed([0.9])]), options)).toBeCloseTo(binaryEntropy(0.9), 12);
  });

  test('has no value where one box came without class scores', () => {
    expect(classEntropy.compute(evidenceOf([bare(0.5)]), options)).toBeNull();
  });
});
