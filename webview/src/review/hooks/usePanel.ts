import { createContext, useContext, useSyncExternalStore } from 'react';
import type { PanelState } from '../model/state.ts';
import type { ReviewPanel } from '../panel/reviewPanel.ts';

export const PanelContext = createContext<ReviewPanel | null>(null);

/** The panel that the component belongs to. @throws Error outside of a `PanelContext`. */
export function usePanel(): ReviewPanel {
  const panel = useContext(PanelContext);
  if (panel === null) throw new Error('A component of the review panel stands outside of it.');
  return panel;
}

/** A part of the state. The selector must return the same value for the same state. */
export function usePanelState<T>(select: (state: PanelState) => T): T {
  const { store } = usePanel();
  return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}
