import type { AvailableAction } from '../../core/session/actions.ts';
import { obstacleTexts } from '../../core/session/obstacles.ts';
import type { Localiser } from './localiser.ts';
import { iterationStatusText } from './statusText.ts';

/** Why an action is not available right now; null if it is available or unknown. */
export function obstacleText(l10n: Localiser, action: Pick<AvailableAction, 'obstacle'> | undefined): string | null {
  const found = action?.obstacle ?? null;
  if (found === null) return null;
  const values = found.values.map((value) => (typeof value === 'number' ? value : iterationStatusText(l10n, value)));
  return l10n.t(obstacleTexts[found.code], ...values);
}
