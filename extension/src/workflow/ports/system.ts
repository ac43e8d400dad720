import type { Clock } from './clock.ts';
import type { Lease } from './store/leases.ts';

/** What use cases need from their machine. */
export interface System {
  readonly clock: Clock;
  /** The lease of this process. */
  readonly owner: Lease;
  isAlive(lease: Lease): Promise<boolean>;
  /** SHA-256 of UTF-8 text, hex. */
  digest(text: string): string;
  /** A short random identifier, safe in file names. */
  newId(): string;
  /** Threads that a training may use. */
  readonly threads: number;
  /** Workers that may predict at the same time, each with its own core and this many bytes of memory; at least one. */
  scoringWorkers(bytesEach: number): number;
}
