import { describe, expect, test } from 'vitest';
import { bytesOfWorker } from './scoringWorkers.ts';

const MB = 1024 * 1024;

describe('bytesOfWorker', () => {
  test('is about 350 MB for a nano model at 640', () => {
    expect(bytesOfWorker(12, 640) / MB).toBeGreaterThan(330);
    expect(bytesOfWorker(12, 640) / MB).toBeLessThan(400);
  });

  test('grows with the image and with the model', () => {
    expect(bytesOfWorker(12, 1280)).toBeGreaterThan(2 * bytesOfWorker(12, 640));
    // An extra large model at 1280: some gigabytes.
    expect(bytesOfWorker(260, 1280) / MB).toBeGreaterThan(3000);
  });
});
