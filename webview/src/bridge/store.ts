/** Holds the state of a page, and notifies listeners of a new one. */
export class Store<State, Event> {
  readonly #reduce: (state: State, event: Event) => State;
  readonly #listeners = new Set<() => void>();
  #state: State;

  /** @param reduce returns the next state, or the same one if the event changes nothing. */
  constructor(initial: State, reduce: (state: State, event: Event) => State) {
    this.#state = initial;
    this.#reduce = reduce;
  }

  readonly getState = (): State => this.#state;

  /** @returns a function that removes the listener. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly dispatch = (event: Event): void => {
    this.replace(this.#reduce(this.#state, event));
  };

  replace(state: State): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}

/** A sentence for screen readers. They read the same sentence again if its count differs. */
export interface Announcement {
  readonly text: string;
  readonly count: number;
}

export const noAnnouncement: Announcement = { text: '', count: 0 };

export function announce(previous: Announcement, text: string): Announcement {
  return { text, count: previous.count + 1 };
}
