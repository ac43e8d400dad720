import { describe, expect, it } from 'vitest';
import { ReviewClock } from './reviewClock.ts';

describe('the time of a review', () => {
  it('starts when the image is shown', () => {
    const clock = new ReviewClock();
    clock.restart(1000, true);
    expect(clock.seconds(5_200)).toBe(4.2);
    expect(clock.seconds(6_200)).toBe(5.2);
  });

  it('stops while the page is hidden', () => {
    const clock = new ReviewClock();
    clock.restart(0, true);
    clock.pause(2_000);
    expect(clock.seconds(500_000)).toBe(2);
    clock.resume(500_000);
    clock.resume(501_000);
    expect(clock.seconds(502_000)).toBe(4);
  });

  it('does not start while the page is hidden', () => {
    const clock = new ReviewClock();
    clock.restart(0, false);
    clock.activity(9_000);
    expect(clock.seconds(10_000)).toBe(0);
  });

  it('does not count idle time: what follows half a minute without a key or a move of the pointer', () => {
    const clock = new ReviewClock();
    clock.restart(0, true);
    clock.activity(3_600_000);
    clock.activity(3_601_000);
    expect(clock.seconds(3_601_000)).toBe(31);
  });

  it('starts again with the next sample', () => {
    const clock = new ReviewClock();
    clock.restart(0, true);
    clock.restart(9_000, true);
    expect(clock.seconds(10_000)).toBe(1);
  });
});
