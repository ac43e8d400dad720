import { AppError } from '../../core/errors.ts';
import type { Ports, RunOptions } from '../ports/ports.ts';
import { throwIfCancelled } from '../shared/errors.ts';
import type { Lease } from '../ports/store/leases.ts';
import { withLease } from '../shared/withLease.ts';

/** The holder of this lease asks the window that works on an iteration to release it. */
const requestLease = 'hand-over';

const defaultTimeoutMs = 20_000;
const defaultPollMs = 250;

/**
 * The abort reason that releases an iteration without stopping it: its trainer keeps running, its step stays, and
 * another window continues.
 */
export class HandoverError extends AppError<'handed-over'> {
  constructor() {
    super('handed-over', 'Another window has taken over this iteration.', 'It goes on there.');
  }
}

/** The reason if a signal hands the iteration over; null if it did not fire or stops the iteration. */
export function handoverReason(signal: AbortSignal | undefined): HandoverError | null {
  return signal?.aborted === true && signal.reason instanceof HandoverError ? signal.reason : null;
}

/** The live process, other than this one, that works on an iteration of this workspace. */
export async function findOtherWorker(ports: Ports): Promise<Lease | null> {
  return otherLiveOwner(ports, await ports.store.leases.holder('training'));
}

/** Whether another live window requests the iteration of this process. */
async function isHandoverRequested(ports: Ports): Promise<boolean> {
  return (await otherLiveOwner(ports, await ports.store.leases.holder(requestLease))) !== null;
}

/**
 * Runs work that another window may take over; then `abort` fires with a `HandoverError`.
 * @param pollMs interval of the checks.
 */
export async function runUntilHandover<T>(
  ports: Ports,
  abort: AbortController,
  work: () => Promise<T>,
  pollMs = 1000,
): Promise<T> {
  const look = async (): Promise<void> => {
    if (!abort.signal.aborted && (await isHandoverRequested(ports))) abort.abort(new HandoverError());
  };
  // If the check fails, the work will fail on the same database and report it.
  const timer = setInterval(() => void look().catch(() => {}), pollMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

export interface HandoverOptions extends Pick<RunOptions, 'signal'> {
  /** How long the other window may take, in milliseconds: it finishes its current operation first. */
  readonly timeoutMs?: number;
  /** Interval of the checks. */
  readonly pollMs?: number;
}

/**
 * Asks the window that works on an iteration to release it, and waits until it has done so or has died.
 * @returns whether no process works on it any more.
 * @throws WorkflowError `busy-elsewhere` if a third window asks too, `cancelled`.
 */
export async function requestHandover(ports: Ports, options: HandoverOptions = {}): Promise<boolean> {
  const { timeoutMs = defaultTimeoutMs, pollMs = defaultPollMs, signal } = options;
  return withLease(ports, requestLease, 'A third window takes this iteration over already.', async () => {
    const { clock } = ports.system;
    const until = clock.monotonic() + timeoutMs;
    while ((await findOtherWorker(ports)) !== null) {
      throwIfCancelled(signal);
      if (clock.monotonic() >= until) return false;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    return true;
  });
}

async function otherLiveOwner({ system }: Ports, holder: Lease | null): Promise<Lease | null> {
  if (holder === null || holder.nonce === system.owner.nonce) return null;
  return (await system.isAlive(holder)) ? holder : null;
}
