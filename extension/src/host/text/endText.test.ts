import { expect, test } from 'vitest';
import { endText, type IterationEnd } from './endText.ts';
import { english } from './localiser.ts';

function told(samples: number, change: Partial<IterationEnd['iteration']> = {}, final = false): string {
  const iteration = { iterationNumber: 2, status: 'reviewing', map50: 0.614, validationImagesCount: 12, ...change };
  return endText(english, { sessionName: 'Screws', iteration, samples, final } as IterationEnd);
}

test('the end of an iteration shows open samples, accuracy and the number of validation images', () => {
  expect(told(20)).toBe('Screws: 20 samples of iteration 2 are ready for review. mAP50 0.61 on 12 validation images.');
  expect(told(20, { map50: null })).toBe('Screws: 20 samples of iteration 2 are ready for review.');
  expect(told(0, { status: 'completed' })).toContain('iteration 2 is complete. No images are left to select. mAP50');
  expect(told(0, { status: 'completed' }, true)).toContain('the final training on all labels is complete.');
});

test('the texts use the singular for one', () => {
  expect(told(1, { validationImagesCount: 1 })).toBe(
    'Screws: 1 sample of iteration 2 is ready for review. mAP50 0.61 on 1 validation image.',
  );
});
