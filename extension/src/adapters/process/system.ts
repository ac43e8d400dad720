import { createHash, randomBytes } from 'node:crypto';
import { availableParallelism, freemem } from 'node:os';
import { performance } from 'node:perf_hooks';
import type { System } from '../../workflow/ports/system.ts';
import { currentLease, leaseIsAlive } from './lease.ts';

/** Training gains nothing from more: its batches are small. */
const mostTrainingThreads = 8;
/** Left for the editor, the database and the system. */
const reserveBytes = 512 * 1024 * 1024;

export interface Machine {
  readonly cores: number;
  readonly freeBytes: number;
}

/** What this process may use: of a container, what the container has left. */
function thisMachine(): Machine {
  return { cores: availableParallelism(), freeBytes: Math.min(freemem(), process.availableMemory()) };
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
    // By the memory at the beginning: later, workers of ours that wait for more would be counted against themselves.
    scoringWorkers: (bytesEach) =>
      Math.max(1, Math.min(machine.cores, Math.floor((machine.freeBytes - reserveBytes) / bytesEach))),
  };
}
