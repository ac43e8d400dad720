import { describe, expect, it, vi } from 'vitest';
import { announce, noAnnouncement, Store } from './store.ts';

describe('the store of a page', () => {
  it('notifies listeners of each new state until they unsubscribe', () => {
    const store = new Store(0, (state, by: number) => state + by);
    const listener = vi.fn<() => void>();
    const unsubscribe = store.subscribe(listener);
    store.dispatch(2);
    store.dispatch(0);
    store.replace(5);
    expect(store.getState()).toBe(5);
    expect(listener).toHaveBeenCalledTimes(2);
    unsubscribe();
    store.dispatch(1);
    expect(listener).toHaveBeenCalledTimes(2);
  });

  it('distinguishes two announcements of the same sentence', () => {
    const first = announce(noAnnouncement, 'Saved.');
    expect(announce(first, 'Saved.')).toEqual({ text: 'Saved.', count: 2 });
  });
});
