import { createContext, useContext, useSyncExternalStore } from 'react';
import type { PanelState } from '../model/state.ts';
import type { ReviewPanel } from '../panel/reviewPanel.ts';

export const PanelContext = createContext<ReviewPanel | null>(null);

/** The panel of the component. @throws Error without a `PanelContext`. */
export function usePanel(): ReviewPanel {
  const panel = useContext(PanelContext);
  if (panel === null) throw new Error('The component has no PanelContext.');
  return panel;
}

/** A part of the state. The selector must return the identical value for the same state. */
export function usePanelState<T>(select: (state: PanelState) => T): T {
  const { store } = usePanel();
  return useSyncExternalStore(store.subscribe, () => select(store.getState()));
}
