import { initialState, type PanelState } from '../model/state.ts';
import { type PanelEvent, reduce } from '../model/reducer.ts';

/** The page's state and who wants to know of it. */
export class PanelStore {
  #state: PanelState = initialState;
  readonly #listeners = new Set<() => void>();

  readonly getState = (): PanelState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  readonly dispatch = (event: PanelEvent): void => {
    this.replace(reduce(this.#state, event));
  };

  replace(state: PanelState): void {
    if (state === this.#state) return;
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }
}
