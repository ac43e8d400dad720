import { describe, expect, it } from 'vitest';
import { createSystem, usableBytes, type Memory } from './system.ts';

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
    'uses all of %s for scoring, limited by memory, and at most 8 for training',
    async (_, cores, gb, workers, threads) => {
      const system = await createSystem({ cores, freeBytes: gb * GB });
      expect(system.scoringWorkers(each)).toBe(workers);
      expect(system.threads).toBe(threads);
    },
  );

  it('returns fewer workers for a model that needs more memory', async () => {
    const system = await createSystem({ cores: 64, freeBytes: 64 * GB });
    expect(system.scoringWorkers(2 * GB)).toBe(31);
  });

  it.each<[string, NodeJS.Platform, Memory, number]>([
    ['a Mac whose memory is full of files', 'darwin', { free: 0.2 * GB, available: 0.2 * GB, total: 16 * GB }, 8],
    ['a Mac with more than half of it free', 'darwin', { free: 12 * GB, available: 12 * GB, total: 16 * GB }, 12],
    ['Linux', 'linux', { free: 2 * GB, available: 2 * GB, total: 16 * GB }, 2],
    ['a container', 'linux', { free: 12 * GB, available: 1 * GB, total: 16 * GB }, 1],
    ['Windows', 'win32', { free: 3 * GB, available: 3 * GB, total: 16 * GB }, 3],
  ])('computes the usable memory of %s', (_, platform, memory, gb) => {
    expect(usableBytes(memory, platform)).toBe(gb * GB);
  });

  it('works on this machine', async () => {
    expect((await createSystem()).scoringWorkers(1)).toBeGreaterThanOrEqual(1);
  });
});
