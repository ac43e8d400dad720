import { expect, test } from 'vitest';
import { endText, type IterationEnd } from './endText.ts';
import { english } from './localiser.ts';

function told(samples: number, change: Partial<IterationEnd['iteration']> = {}, final = false): string {
  const iteration = { iterationNumber: 2, status: 'reviewing', map50: 0.614, validationImagesCount: 12, ...change };
  return endText(english, { sessionName: 'Screws', iteration, samples, final } as IterationEnd);
}

test('the end of an iteration tells what waits, and how good the model is on how many images', () => {
  expect(told(20)).toBe('Screws: 20 samples of iteration 2 wait for review. mAP50 0.61 on 12 validation images.');
  expect(told(20, { map50: null })).toBe('Screws: 20 samples of iteration 2 wait for review.');
  expect(told(0, { status: 'completed' })).toContain('iteration 2 is complete. No image is left to choose. mAP50');
  expect(told(0, { status: 'completed' }, true)).toContain('the last training on all labels is complete.');
});

test('one is not told as many', () => {
  expect(told(1, { validationImagesCount: 1 })).toBe(
    'Screws: 1 sample of iteration 2 waits for review. mAP50 0.61 on 1 validation image.',
  );
});
