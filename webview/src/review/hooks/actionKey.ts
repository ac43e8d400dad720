import { actions, type PanelAction } from '../model/actions.ts';
import { keyLabel } from '../model/keys.ts';

export const isMac = /mac/i.test(navigator.platform);

/** The key that an action comes with, as it stands on a button. VS Code tells nobody which one the user gave it. */
export function actionKey(action: PanelAction): string {
  const [key] = actions[action].keys;
  return key === undefined ? '' : keyLabel(key, isMac);
}
