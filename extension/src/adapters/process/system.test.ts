import { describe, expect, it } from 'vitest';
import { createSystem } from './system.ts';

const GB = 1024 ** 3;
const each = 350 * 1024 ** 2;

describe('createSystem', () => {
  it.each([
    ['2 cores', 2, 8, 2, 2],
    ['16 cores', 16, 64, 16, 8],
    ['64 cores', 64, 128, 64, 8],
    ['64 cores and little memory', 64, 8, 21, 8],
    ['almost no memory', 16, 0.3, 1, 8],
  ])(
    'uses all of %s for scoring, as far as memory goes, and at most 8 for training',
    async (_, cores, gb, workers, threads) => {
      const system = await createSystem({ cores, freeBytes: gb * GB });
      expect(system.scoringWorkers(each)).toBe(workers);
      expect(system.threads).toBe(threads);
    },
  );

  it('gives fewer workers to a model that needs more', async () => {
    const system = await createSystem({ cores: 64, freeBytes: 64 * GB });
    expect(system.scoringWorkers(2 * GB)).toBe(31);
  });

  it('knows this machine', async () => {
    expect((await createSystem()).scoringWorkers(1)).toBeGreaterThanOrEqual(1);
  });
});
