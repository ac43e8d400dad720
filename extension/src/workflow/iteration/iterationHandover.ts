import { AppError } from '../../core/errors.ts';
import type { Ports, RunOptions } from '../ports/ports.ts';
import { throwIfCancelled } from '../shared/errors.ts';
import type { Lease } from '../ports/store/leases.ts';
import { withLease } from '../shared/withLease.ts';

/** Who holds this lease asks whoever works on an iteration to let go of it. */
const requestLease = 'hand-over';

const defaultTimeoutMs = 20_000;
const defaultPollMs = 250;

/**
 * The reason of an abort signal that lets go of an iteration without stopping it: its trainer works on, its place is
 * kept, and another window goes on with it.
 */
export class HandoverError extends AppError<'handed-over'> {
  constructor() {
    super('handed-over', 'Another window has taken over this iteration.', 'It goes on there.');
  }
}

/** The reason where a signal hands an iteration over; null where it does not, or stops it for good. */
export function handoverReason(signal: AbortSignal | undefined): HandoverError | null {
  return signal?.aborted === true && signal.reason instanceof HandoverError ? signal.reason : null;
}

/** The living process, other than this one, that works on an iteration of this workspace. */
export async function findOtherWorker(ports: Ports): Promise<Lease | null> {
  return otherLiveOwner(ports, await ports.store.leases.holder('training'));
}

/** Whether another living window asks for the iteration that this one works on. */
async function isHandoverRequested(ports: Ports): Promise<boolean> {
  return (await otherLiveOwner(ports, await ports.store.leases.holder(requestLease))) !== null;
}

/**
 * Does work that another window may ask for; then `abort` fires with a `HandoverError`.
 * @param pollMs between two looks.
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
  // Where looking fails, the work meets the same database, and tells.
  const timer = setInterval(() => void look().catch(() => {}), pollMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

export interface HandoverOptions extends Pick<RunOptions, 'signal'> {
  /** How long the other window is given, milliseconds: it ends what it is in the middle of. */
  readonly timeoutMs?: number;
  /** Between two looks. */
  readonly pollMs?: number;
}

/**
 * Asks the window that works on an iteration to let go of it, and waits until it has, or has died.
 * @returns whether nobody works on it any more.
 * @throws WorkflowError `busy-elsewhere` when a third window asks too, `cancelled`.
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
