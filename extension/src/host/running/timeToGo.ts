import type { ProgressUpdate } from '../../workflow/ports/progress.ts';

/** When a step began to say how far it is. Times are in milliseconds. */
export interface StepStart {
  readonly step: string;
  /** Time of its first fraction. */
  readonly first: number;
  /** Time and fraction from which its speed is measured. */
  readonly at: number;
  readonly fraction: number;
}

/** A window that joins a running training gets all its epochs at once. They say nothing about its speed. */
const replayMs = 1000;
/** Earlier, an estimate would change too much. */
const leastMs = 10_000;

/** The start of the step of an update; null until the step says how far it is. */
export function stepStart(before: StepStart | null, { step, fraction }: ProgressUpdate, now: number): StepStart | null {
  const known = before?.step === step ? before : null;
  if (fraction === undefined) return known;
  if (known === null) return { step, first: now, at: now, fraction };
  return now - known.first < replayMs ? { ...known, at: now, fraction } : known;
}

/** About how many seconds are left of a step; null if its speed is not known yet. */
export function secondsToGo(start: StepStart | null, fraction: number | undefined, now: number): number | null {
  if (start === null || fraction === undefined) return null;
  const done = fraction - start.fraction;
  const elapsed = now - start.at;
  return done <= 0 || elapsed < leastMs ? null : ((elapsed / done) * Math.max(0, 1 - fraction)) / 1000;
}
