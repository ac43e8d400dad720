import type { Ports } from '../ports/ports.ts';
import { WorkflowError } from './errors.ts';

/** Runs `work` while this process holds the named lease; a lease of a dead process is taken over. */
export async function withLease<T>(
  ports: Pick<Ports, 'store' | 'system'>,
  name: string,
  busyMessage: string,
  work: () => Promise<T>,
): Promise<T> {
  const { owner } = ports.system;
  let taken = await ports.store.leases.acquire(name, owner);
  if (!taken.acquired && !(await ports.system.isAlive(taken.holder))) {
    taken = await ports.store.leases.acquire(name, owner, taken.holder);
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
    await ports.store.leases.release(name, owner);
  }
}
