import type { SessionAction } from '../../core/session/actions.ts';
import type { SessionStatusView } from './status.ts';

/** Whether a first batch comes next, so that there is nothing to train on yet. */
export function canSelectFirstBatch({ actions, iterations }: SessionStatusView): boolean {
  const can = (name: SessionAction): boolean => actions.some(({ action, enabled }) => action === name && enabled);
  return can('select-first-batch') || (can('resume-iteration') && iterations.at(-1)?.iteration.iterationNumber === 0);
}
