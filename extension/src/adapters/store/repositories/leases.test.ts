import { afterEach, describe, expect, it } from 'vitest';
import { lease, Workbench } from '../testing/fixtures.ts';

const bench = new Workbench();
afterEach(() => bench.clean());

describe('leases', () => {
  it('have one holder across connections', () => {
    const databasePath = bench.databasePath();
    const one = bench.open(databasePath);
    const two = bench.open(databasePath);
    expect(one.leases.acquire('training', lease('one'))).toEqual({ acquired: true });
    expect(two.leases.acquire('training', lease('two'))).toEqual({ acquired: false, holder: lease('one') });
    expect(one.leases.acquire('training', lease('one'))).toEqual({ acquired: false, holder: lease('one') });
    expect(two.leases.acquire('iteration:7', lease('two'))).toEqual({ acquired: true });
    expect(two.leases.holder('training')).toEqual(lease('one'));
    expect(one.leases.holder('other')).toBeNull();
    two.leases.release('training', lease('two'));
    expect(two.leases.acquire('training', lease('two'))).toEqual({ acquired: false, holder: lease('one') });
    const version = two.dataVersion();
    expect(two.leases.holder('training')).toEqual(lease('one'));
    expect(one.leases.holder('training')).toEqual(lease('one'));
    // A read is not a change for other windows.
    expect(two.dataVersion()).toBe(version);
    one.leases.release('training', lease('one'));
    one.leases.release('training', lease('one'));
    expect(two.leases.acquire('training', lease('two'))).toEqual({ acquired: true });
  });

  it('are taken over only from the named owner', () => {
    const store = bench.open();
    store.leases.acquire('training', lease('dead'));
    const stranger = { ...lease('dead'), startTime: '999' };
    expect(store.leases.acquire('training', lease('new'), stranger)).toEqual({
      acquired: false,
      holder: lease('dead'),
    });
    expect(store.leases.acquire('training', lease('new'), lease('dead'))).toEqual({ acquired: true });
    expect(store.leases.acquire('training', lease('late'), lease('dead'))).toEqual({
      acquired: false,
      holder: lease('new'),
    });
    expect(store.leases.acquire('free', lease('new'), lease('dead'))).toEqual({ acquired: true });
  });
});
