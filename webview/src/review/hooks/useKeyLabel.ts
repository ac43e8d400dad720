import type { PanelAction } from '../model/actions.ts';
import { keyLabel } from '../model/keys.ts';
import { usePanel } from './usePanel.ts';

export const isMac = /mac/i.test(navigator.platform);

/** The key of an action as it stands on a button; empty where it has none. */
export function useKeyLabel(): (action: PanelAction) => string {
  const panel = usePanel();
  return (action) => {
    const key = panel.keys.keyOf(action);
    return key === undefined ? '' : keyLabel(key, isMac);
  };
}
