import { createHash, randomBytes } from 'node:crypto';
import { availableParallelism, freemem, totalmem } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { System } from '../../workflow/ports/system.ts';
import { currentLease, leaseIsAlive } from './lease.ts';

/** More threads do not speed up training, because batches are small. */
const mostTrainingThreads = 8;
/** Reserved for the editor, the database and the system. */
const reserveBytes = 512 * 1024 * 1024;

export interface Machine {
  readonly cores: number;
  readonly freeBytes: number;
}

/** Memory of the system in bytes; `available` respects the limits of a container. */
export interface Memory {
  readonly free: number;
  readonly available: number;
  readonly total: number;
}

/**
 * Bytes that this process may use, within the limit of a container. macOS reports few pages as free, because it uses the
 * rest as a cache and releases it on demand.
 */
export function usableBytes({ free, available, total }: Memory, platform: NodeJS.Platform): number {
  return platform === 'darwin' ? Math.max(available, total / 2) : Math.min(free, available);
}

function thisMachine(): Machine {
  const memory = { free: freemem(), available: process.availableMemory(), total: totalmem() };
  return { cores: availableParallelism(), freeBytes: usableBytes(memory, process.platform) };
}

/** This machine and this process. */
export async function createSystem(machine: Machine = thisMachine()): Promise<System> {
  return {
    clock: { now: () => new Date().toISOString(), monotonic: () => performance.now() },
    owner: await currentLease(),
    isAlive: leaseIsAlive,
    digest: (text) => createHash('sha256').update(text).digest('hex'),
    newId: () => randomBytes(4).toString('hex'),
    threads: Math.max(1, Math.min(mostTrainingThreads, machine.cores)),
    // Use the free memory at the start: later, idle workers of ours would reduce it.
    scoringWorkers: (bytesEach) =>
      Math.max(1, Math.min(machine.cores, Math.floor((machine.freeBytes - reserveBytes) / bytesEach))),
  };
}
