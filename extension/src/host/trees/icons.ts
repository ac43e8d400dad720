import type { IterationStatus } from '../../core/session/types.ts';
import type { SessionStatusView } from '../../workflow/session/status.ts';

/** A codicon and its theme colour. */
export interface IconOf {
  readonly icon: string;
  readonly color?: string;
}

/** The icon of a session shows what it is waiting for. */
export function sessionIcon(view: SessionStatusView, running: boolean): IconOf {
  const { status } = view.session;
  if (running) return { icon: 'sync~spin' };
  if (status === 'completed' || status === 'archived') return { icon: 'pass-filled', color: 'charts.green' };
  const last = view.iterations.at(-1)?.iteration.status;
  if (last === 'failed') return { icon: 'error', color: 'list.errorForeground' };
  if (last === 'reviewing') return { icon: 'checklist', color: 'charts.blue' };
  return { icon: 'beaker' };
}

/** The icon of an iteration shows how it ended, or that it is running. */
export function iterationIcon(status: IterationStatus, working: boolean, newest: boolean): IconOf {
  if (working) return { icon: 'sync~spin' };
  switch (status) {
    case 'completed':
      return { icon: 'pass', color: 'charts.green' };
    case 'failed':
      return { icon: 'error', color: 'list.errorForeground' };
    case 'cancelled':
      return { icon: 'circle-slash' };
    case 'reviewing':
      return { icon: 'checklist', color: 'charts.blue' };
    default:
      return newest ? { icon: 'debug-pause', color: 'list.warningForeground' } : { icon: 'circle-outline' };
  }
}
