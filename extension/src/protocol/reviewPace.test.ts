import { describe, expect, it } from 'vitest';
import { reviewPace, wholeDuration, wholeMinutes } from './reviewPace.ts';

describe('the pace of a review', () => {
  it('is unknown until five images have a time', () => {
    expect(reviewPace({ seconds: 0.4, timed: 4, left: 4 })).toBeNull();
    expect(reviewPace({ seconds: 20, timed: 5, left: 3 })).toEqual({ secondsPerImage: 4, secondsLeft: 12 });
  });

  it('times the reviewed images is the time that the review took', () => {
    // One slow image and eleven fast ones: the median would be 2.3 s, which is not 4.4 minutes for twelve.
    const seconds = 264;
    const pace = reviewPace({ seconds, timed: 12, left: 0 });
    expect((pace?.secondsPerImage ?? 0) * 12).toBe(seconds);
  });
});

it.each([
  [0, 0, 'seconds'],
  [0.9, 0, 'seconds'],
  [1, 1, 'seconds'],
  [2.5, 3, 'seconds'],
  [89.4, 89, 'seconds'],
  [89.5, 1, 'minutes'],
  [150, 3, 'minutes'],
])('%d s are shown as %d %s', (seconds, value, unit) => {
  expect(wholeDuration(seconds)).toEqual({ value, unit });
});

it.each([
  [0.4, 0],
  [59, 0],
  [60, 1],
  [89, 1],
  [90, 2],
])('%d s are shown as %d min', (seconds, minutes) => {
  expect(wholeMinutes(seconds)).toBe(minutes);
});
