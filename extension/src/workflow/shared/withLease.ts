import type { Engine } from '../ports/ports.ts';
import { WorkflowError } from './errors.ts';

/** Runs `work` while this process holds the named lease; a lease of a dead process is taken over. */
export async function withLease<T>(
  engine: Engine,
  name: string,
  busyMessage: string,
  work: () => Promise<T>,
): Promise<T> {
  const { owner } = engine.system;
  let taken = await engine.store.leases.acquire(name, owner);
  if (!taken.acquired && !(await engine.system.isAlive(taken.holder))) {
    taken = await engine.store.leases.acquire(name, owner, taken.holder);
  }
  if (!taken.acquired) {
    throw new WorkflowError(
      'busy-elsewhere',
      busyMessage,
      `Process ${taken.holder.pid} (perhaps another window) is at work; wait for it, or stop it there.`,
    );
  }
  try {
    return await work();
  } finally {
    await engine.store.leases.release(name, owner);
  }
}
