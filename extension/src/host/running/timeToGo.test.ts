import { describe, expect, it } from 'vitest';
import { secondsToGo, stepStart, type StepStart } from './timeToGo.ts';

/** Follows updates of a step, each with its time in seconds and its fraction. */
function follow(...updates: readonly [seconds: number, fraction?: number, step?: string][]): number | null {
  let start: StepStart | null = null;
  let left: number | null = null;
  for (const [seconds, fraction, step = 'train'] of updates) {
    const update = { step, message: '', ...(fraction === undefined ? {} : { fraction }) };
    start = stepStart(start, update, seconds * 1000);
    left = secondsToGo(start, fraction, seconds * 1000);
  }
  return left;
}

describe('the time to go', () => {
  it('follows from the speed since the first fraction, not since the start of the trainer', () => {
    expect(follow([0], [30, 0.1], [50, 0.2])).toBeCloseTo(160);
  });

  it('is unknown at first, and for a step that does not say how far it is', () => {
    expect(follow([0, 0.1], [9, 0.5])).toBeNull();
    expect(follow([0, 0.1], [60])).toBeNull();
    expect(follow([0, 0.1], [60, 0.1])).toBeNull();
  });

  it('leaves out epochs that a window gets at once when it joins', () => {
    expect(follow([0, 0.1], [0.1, 0.3], [0.2, 0.5], [20.2, 0.6])).toBeCloseTo(80);
  });

  it('starts again with each step, and ends at zero', () => {
    expect(follow([0, 0.5], [60, 1, 'score'])).toBeNull();
    expect(follow([0, 0], [60, 1])).toBe(0);
  });
});
