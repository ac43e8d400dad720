import type { ProtocolError } from '../../../../extension/src/protocol/channel.ts';
import type { MetricsState } from '../../../../extension/src/protocol/metrics.ts';
import { initialView, type PanelView } from '../model/view.ts';

/** What the user asked for and did not get. */
export type Attempt =
  | { readonly kind: 'start' }
  | { readonly kind: 'open-run'; readonly runId: string }
  | { readonly kind: 'export' };

export interface PanelState {
  /** Null until the host has answered. */
  readonly host: MetricsState | null;
  /** The run that was asked for, until it is there. */
  readonly wantedRun: string | null;
  readonly exporting: boolean;
  readonly problem: { readonly error: ProtocolError; readonly attempt: Attempt } | null;
  /** The host does not answer any more. */
  readonly lost: boolean;
  readonly view: PanelView;
  /** For screen readers; the count makes the same sentence heard again. */
  readonly said: { readonly text: string; readonly count: number };
}

export const initialState: PanelState = {
  host: null,
  wantedRun: null,
  exporting: false,
  problem: null,
  lost: false,
  view: initialView,
  said: { text: '', count: 0 },
};

/** The page's state and who wants to know of it. */
export class PanelStore {
  #state: PanelState = initialState;
  readonly #listeners = new Set<() => void>();

  readonly getState = (): PanelState => this.#state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  change(part: Partial<PanelState>): void {
    this.#state = { ...this.#state, ...part };
    for (const listener of this.#listeners) listener();
  }

  say(text: string): void {
    this.change({ said: { text, count: this.#state.said.count + 1 } });
  }
}
