import { createHash, randomBytes } from 'node:crypto';
import { availableParallelism, freemem, totalmem } from 'node:os';
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

/** Memory of the system in bytes; `available` includes the limits of a container. */
export interface Memory {
  readonly free: number;
  readonly available: number;
  readonly total: number;
}

/**
 * Bytes that this process may use: of a container, what the container has left. macOS counts only pages that nothing
 * was ever read into as free, which are few on any machine that runs for a while; the rest it gives back when asked.
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
    // By the memory at the beginning: later, workers of ours that wait for more would be counted against themselves.
    scoringWorkers: (bytesEach) =>
      Math.max(1, Math.min(machine.cores, Math.floor((machine.freeBytes - reserveBytes) / bytesEach))),
  };
}
