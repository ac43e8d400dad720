import { AppError } from '../../core/errors.ts';
import type { Engine, Task } from '../ports/ports.ts';
import { throwIfCancelled } from '../shared/errors.ts';
import type { Lease } from '../ports/store/leases.ts';
import { withLease } from '../shared/withLease.ts';

/** Who holds this lease asks whoever works on an iteration to let go of it. */
const requestLease = 'hand-over';

const defaultPatienceMs = 20_000;
const defaultPollMs = 250;

/**
 * The reason of an abort signal that lets go of an iteration without stopping it: its trainer works on, its place is
 * kept, and another window goes on with it.
 */
export class HandedOverError extends AppError<'handed-over'> {
  constructor() {
    super('handed-over', 'Another window has taken over this iteration.', 'It goes on there.');
  }
}

/** The reason where a signal hands an iteration over; null where it does not, or stops it for good. */
export function handedOver(signal: AbortSignal | undefined): HandedOverError | null {
  return signal?.aborted === true && signal.reason instanceof HandedOverError ? signal.reason : null;
}

/** The living process, other than this one, that works on an iteration of this workspace. */
export async function workerElsewhere(engine: Engine): Promise<Lease | null> {
  return livingStranger(engine, await engine.store.leases.holder('training'));
}

/** Whether another living window asks for the iteration that this one works on. */
async function isHandOverAsked(engine: Engine): Promise<boolean> {
  return (await livingStranger(engine, await engine.store.leases.holder(requestLease))) !== null;
}

/**
 * Does work that another window may ask for; then `abort` fires with a `HandedOverError`.
 * @param pollMs between two looks.
 */
export async function untilAskedFor<T>(
  engine: Engine,
  abort: AbortController,
  work: () => Promise<T>,
  pollMs = 1000,
): Promise<T> {
  const look = async (): Promise<void> => {
    if (!abort.signal.aborted && (await isHandOverAsked(engine))) abort.abort(new HandedOverError());
  };
  // Where looking fails, the work meets the same database, and tells.
  const timer = setInterval(() => void look().catch(() => {}), pollMs);
  try {
    return await work();
  } finally {
    clearInterval(timer);
  }
}

export interface HandOverOptions extends Pick<Task, 'signal'> {
  /** How long the other window is given, milliseconds: it ends what it is in the middle of. */
  readonly patienceMs?: number;
  /** Between two looks. */
  readonly pollMs?: number;
}

/**
 * Asks the window that works on an iteration to let go of it, and waits until it has, or has died.
 * @returns whether nobody works on it any more.
 * @throws WorkflowError `busy-elsewhere` when a third window asks too, `cancelled`.
 */
export async function askForHandOver(engine: Engine, options: HandOverOptions = {}): Promise<boolean> {
  const { patienceMs = defaultPatienceMs, pollMs = defaultPollMs, signal } = options;
  return withLease(engine, requestLease, 'A third window takes this iteration over already.', async () => {
    const { clock } = engine.system;
    const until = clock.monotonic() + patienceMs;
    while ((await workerElsewhere(engine)) !== null) {
      throwIfCancelled(signal);
      if (clock.monotonic() >= until) return false;
      await new Promise((resolve) => setTimeout(resolve, pollMs));
    }
    return true;
  });
}

async function livingStranger({ system }: Engine, holder: Lease | null): Promise<Lease | null> {
  if (holder === null || holder.nonce === system.owner.nonce) return null;
  return (await system.isAlive(holder)) ? holder : null;
}
