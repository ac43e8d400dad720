import { isStep } from '../../core/session/stateMachine.ts';
import type { Ports } from '../ports/ports.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import { withLease } from '../shared/withLease.ts';

/** Who holds this lease has the session for itself. The one on training says only that some session is worked on. */
function sessionLease(sessionId: number): string {
  return `session:${sessionId}`;
}

/**
 * Runs `work` while nobody else works on the session, deletes or completes it. What was read of it before is to be read
 * again in there.
 * @throws WorkflowError `busy-elsewhere`.
 */
export function withSessionLease<T>(
  ports: Pick<Ports, 'store' | 'system'>,
  sessionId: number,
  work: () => Promise<T>,
): Promise<T> {
  return withLease(ports, sessionLease(sessionId), 'This session is being worked on.', work);
}

/**
 * Whether somebody works on this iteration, in this window or another one: its trainer lives, or it is in a step and a
 * living process has its session for itself.
 */
export async function isIterationBusy(
  ports: Pick<Ports, 'store' | 'system' | 'trainer'>,
  iteration: IterationRow | null,
): Promise<boolean> {
  if (iteration === null) return false;
  if (iteration.runId !== null && (await ports.trainer.isAlive(iteration.runId))) return true;
  if (!isStep(iteration.status) || iteration.status === 'reviewing') return false;
  const holder = await ports.store.leases.holder(sessionLease(iteration.sessionId));
  return holder !== null && (await ports.system.isAlive(holder));
}
