import { actions, type PanelAction } from '../model/actions.ts';
import { keyLabel } from '../model/keys.ts';

export const isMac = /mac/i.test(navigator.platform);

/** The label of an action's default key. VS Code does not expose the user's own keybinding. */
export function actionKey(action: PanelAction): string {
  const [key] = actions[action].keys;
  return key === undefined ? '' : keyLabel(key, isMac);
}
