export interface Pacing {
  /** So many items must have come back before the clock starts; 1 or more. */
  readonly warmUp: number;
  /** Milliseconds that only grow. */
  readonly now: () => number;
  /** Whether another item is wanted, after `measured` ones in `milliseconds`. Without it, all there are. */
  readonly more?: (measured: number, milliseconds: number) => boolean;
}

/**
 * Items for a measurement of speed. After the warm-up nothing is handed out until all of it came back: then nothing is
 * under way, and results that arrive many at a time, such as those of a batch, are never taken for ones that cost nothing.
 * The source is read, and never closed.
 */
export class PacedItems<T> implements AsyncIterable<T> {
  readonly #source: Iterator<T> | AsyncIterator<T>;
  readonly #pacing: Pacing;
  readonly #warm: Promise<void>;
  #onWarm: () => void = () => undefined;
  #start: number | null = null;
  #last = 0;
  #given = 0;
  #back = 0;

  constructor(source: Iterator<T> | AsyncIterator<T>, pacing: Pacing) {
    this.#source = source;
    this.#pacing = pacing;
    this.#warm = new Promise((resolve) => {
      this.#onWarm = resolve;
    });
  }

  /** Reports that one item has its result. */
  arrived(): void {
    this.#back += 1;
    this.#last = this.#pacing.now();
    if (this.#back !== this.#pacing.warmUp) return;
    this.#start = this.#last;
    this.#onWarm();
  }

  /** Whether the warm-up is over. */
  get isWarm(): boolean {
    return this.#start !== null;
  }

  /** Milliseconds an item, from the end of the warm-up to the last result; null where no result came after it. */
  get millisecondsEach(): number | null {
    const measured = this.#back - this.#pacing.warmUp;
    return this.#start === null || measured <= 0 ? null : (this.#last - this.#start) / measured;
  }

  [Symbol.asyncIterator](): AsyncIterator<T> {
    return { next: () => this.#next() };
  }

  async #next(): Promise<IteratorResult<T>> {
    const { warmUp, now, more } = this.#pacing;
    if (this.#given >= warmUp) {
      await this.#warm;
      if (more?.(this.#given - warmUp, now() - (this.#start ?? 0)) === false) return { done: true, value: undefined };
    }
    const step = await this.#source.next();
    if (step.done === true) return { done: true, value: undefined };
    this.#given += 1;
    return step;
  }
}
