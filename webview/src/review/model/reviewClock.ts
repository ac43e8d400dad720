/** Milliseconds without a key or a move of the pointer from which on the user is idle. Idle time does not count. */
const idleAfter = 30_000;

/** Measures how long the user looks at a sample. Callers pass the current time in milliseconds. */
export class ReviewClock {
  #milliseconds = 0;
  /** Time of the last activity; null while the page is hidden or not focused. */
  #last: number | null = null;

  /** Starts again for a new sample. The clock runs only while the page is focused. */
  restart(now: number, seen: boolean): void {
    this.#milliseconds = 0;
    this.#last = seen ? now : null;
  }

  /** Counts the time since the last activity. */
  activity(now: number): void {
    if (this.#last === null) return;
    this.#milliseconds += Math.min(Math.max(0, now - this.#last), idleAfter);
    this.#last = now;
  }

  /** Stops the clock while the page is hidden or not focused. */
  pause(now: number): void {
    this.activity(now);
    this.#last = null;
  }

  resume(now: number): void {
    this.#last ??= now;
  }

  /** Seconds so far, rounded to a tenth. */
  seconds(now: number): number {
    this.activity(now);
    return Math.round(this.#milliseconds / 100) / 10;
  }
}
