import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { watchHost } from './watchHost.ts';

const times = { interval: 5000, timeout: 10_000 };

describe('watching the host', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('reports nothing while the host answers', async () => {
    const seen: boolean[] = [];
    const ping = vi.fn(async () => {});
    const stop = watchHost(ping, (lost) => seen.push(lost), times);
    await vi.advanceTimersByTimeAsync(30_000);
    expect(ping.mock.calls.length).toBe(6);
    expect(seen).toEqual([]);
    stop();
    await vi.advanceTimersByTimeAsync(30_000);
    expect(ping.mock.calls.length).toBe(6);
  });

  it('reports that the host is lost, and that it answers again', async () => {
    const seen: boolean[] = [];
    const waiting: (() => void)[] = [];
    const answer = (): void => waiting.pop()?.();
    const stop = watchHost(
      () => new Promise((resolve) => waiting.push(resolve)),
      (lost) => seen.push(lost),
      times,
    );
    await vi.advanceTimersByTimeAsync(14_999);
    expect(seen).toEqual([]);
    await vi.advanceTimersByTimeAsync(1);
    expect(seen).toEqual([true]);
    answer();
    await vi.advanceTimersByTimeAsync(0);
    expect(seen).toEqual([true, false]);
    await vi.advanceTimersByTimeAsync(15_000);
    expect(seen).toEqual([true, false, true]);
    stop();
    answer();
    await vi.advanceTimersByTimeAsync(60_000);
    expect(seen).toEqual([true, false, true]);
  });
});
