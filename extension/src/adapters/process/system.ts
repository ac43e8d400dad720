import { createHash, randomBytes } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { System } from '../../workflow/ports/system.ts';
import { currentLease, leaseIsAlive } from './lease.ts';

/** This machine and this process. */
export async function createSystem(): Promise<System> {
  return {
    clock: { now: () => new Date().toISOString(), monotonic: () => performance.now() },
    owner: await currentLease(),
    isAlive: leaseIsAlive,
    digest: (text) => createHash('sha256').update(text).digest('hex'),
    newId: () => randomBytes(4).toString('hex'),
    threads: Math.max(1, Math.min(8, availableParallelism())),
  };
}
