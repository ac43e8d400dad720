import { describe, expect, it } from 'vitest';
import { prefetchPages } from './prefetchPages.ts';

/** Ids 1 to `count`, three a page, with a log of what was asked for. */
function reader(count: number, log: string[]): AsyncGenerator<Float64Array> {
  const read = async (after: number): Promise<Float64Array> => {
    log.push(`read ${after}`);
    if (after >= 6) throw new Error('gone');
    return Float64Array.from({ length: Math.max(0, Math.min(3, count - after)) }, (_, i) => after + 1 + i);
  };
  return prefetchPages(read, (ids) => ids, 3);
}

describe('pages', () => {
  it.each([0, 2, 3, 5])('give %i rows, each page read while the one before is worked on', async (count) => {
    const log: string[] = [];
    const seen: number[] = [];
    for await (const ids of reader(count, log)) {
      log.push('page');
      seen.push(...ids);
    }
    expect(seen).toEqual(Array.from({ length: count }, (_, i) => i + 1));
    expect(log).toEqual(count < 3 ? ['read 0', 'page'] : ['read 0', 'read 3', 'page', 'page']);
  });

  it('fail where reading does, after the pages before', async () => {
    const seen: number[] = [];
    const all = async (): Promise<void> => {
      for await (const ids of reader(9, [])) seen.push(...ids);
    };
    await expect(all()).rejects.toThrow('gone');
    expect(seen).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('may be left before their end', async () => {
    const log: string[] = [];
    for await (const ids of reader(9, log)) if (ids[0] === 4) break;
    expect(log).toEqual(['read 0', 'read 3', 'read 6']);
  });
});
