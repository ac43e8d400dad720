import { isStep } from '../../core/session/stateMachine.ts';
import type { Ports } from '../ports/ports.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import { withLease } from '../shared/withLease.ts';

/**
 * The holder of this lease works on the session alone. The lease on training only shows that some session is in work.
 */
function sessionLease(sessionId: number): string {
  return `session:${sessionId}`;
}

/**
 * Runs `work` while no other process works on the session, deletes or completes it. Read the session again inside
 * `work`.
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
 * Whether this iteration is being worked on, in this window or another one: its trainer is alive, or it is in a step
 * and a live process holds the session's lease.
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
