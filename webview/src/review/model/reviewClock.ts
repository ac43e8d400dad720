/** A pause longer than this counts only so much: the person was away, in milliseconds. */
const longestPause = 60_000;

/** Measures how long a person looked at a sample. It is told the time, in milliseconds, and never asks for it. */
export class ReviewClock {
  #milliseconds = 0;
  /** Time of the last sign of life; null while the page is hidden or out of focus. */
  #last: number | null = null;

  /** Starts over for a new sample; it runs only where the page is seen. */
  restart(now: number, seen: boolean): void {
    this.#milliseconds = 0;
    this.#last = seen ? now : null;
  }

  /** The person did something. */
  activity(now: number): void {
    if (this.#last === null) return;
    this.#milliseconds += Math.min(Math.max(0, now - this.#last), longestPause);
    this.#last = now;
  }

  /** The page was hidden or lost the focus. */
  pause(now: number): void {
    this.activity(now);
    this.#last = null;
  }

  resume(now: number): void {
    this.#last ??= now;
  }

  /** Seconds so far, to a tenth. */
  seconds(now: number): number {
    this.activity(now);
    return Math.round(this.#milliseconds / 100) / 10;
  }
}

/** The middle one of some numbers; null without any. */
export function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  const high = sorted[Math.floor(sorted.length / 2)];
  const low = sorted[Math.floor((sorted.length - 1) / 2)];
  return high === undefined || low === undefined ? null : (high + low) / 2;
}
