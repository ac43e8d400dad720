import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { isInside } from './paths.ts';
import { debounce, Disposables } from './lifecycle.ts';

describe('disposables', () => {
  it('go in reverse order, once, and all of them', () => {
    const gone: string[] = [];
    const owner = new Disposables();
    const item = (name: string, fails = false) => ({
      dispose: () => {
        gone.push(name);
        if (fails) throw new Error(name);
      },
    });
    owner.track(item('first'));
    owner.track(item('second', true));
    owner.track(item('third'));
    expect(() => owner.dispose()).toThrow(AggregateError);
    owner.dispose();
    expect(gone).toEqual(['third', 'second', 'first']);
  });

  it('that come too late go at once', () => {
    const owner = new Disposables();
    owner.dispose();
    const late = { dispose: vi.fn<() => void>() };
    expect(owner.track(late)).toBe(late);
    expect(late.dispose).toHaveBeenCalledOnce();
  });
});

describe('debounce', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('acts once after the last call, and not after its end', () => {
    const action = vi.fn<() => void>();
    const call = debounce(action, 100);
    call();
    vi.advanceTimersByTime(99);
    call();
    vi.advanceTimersByTime(99);
    expect(action).not.toHaveBeenCalled();
    vi.advanceTimersByTime(1);
    expect(action).toHaveBeenCalledOnce();
    call();
    call.dispose();
    vi.advanceTimersByTime(1000);
    expect(action).toHaveBeenCalledOnce();
  });
});

describe('debounce with a longest delay', () => {
  beforeEach(() => vi.useFakeTimers());
  afterEach(() => vi.useRealTimers());

  it('acts after it although the calls go on', () => {
    const action = vi.fn<() => void>();
    const call = debounce(action, 100, 250);
    for (let passed = 0; passed < 600; passed += 50) {
      call();
      vi.advanceTimersByTime(50);
    }
    expect(action).toHaveBeenCalledTimes(2);
    vi.advanceTimersByTime(100);
    expect(action).toHaveBeenCalledTimes(3);
  });
});

describe('isInside', () => {
  it.each([
    ['runs/a', true],
    ['runs/..a', true],
    ['runs', false],
    ['runs/../models', false],
    ['other/runs/a', false],
    ['runs2/a', false],
  ])('%s: %s', (path, inside) => {
    expect(isInside(join('/w', 'runs'), join('/w', path))).toBe(inside);
  });
});
