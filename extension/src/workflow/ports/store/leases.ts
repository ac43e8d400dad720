/** Identifies the process that works on something. Other processes finish or undo only the work of a dead owner. */
export interface Lease {
  readonly pid: number;
  /** Start time of that process as the operating system reports it, so that a reused pid proves nothing. */
  readonly startTime: string;
  readonly nonce: string;
}

/** Named locks, such as `training` (one at a time per workspace) or `session:7`. */
export interface LeaseStore {
  /** Takes the lease, or returns its holder. A lease of the dead owner `replace` is taken over atomically. */
  acquire(
    name: string,
    lease: Lease,
    replace?: Lease,
  ): Promise<{ acquired: true } | { acquired: false; holder: Lease }>;
  release(name: string, lease: Lease): Promise<void>;
  /** The holder of the lease, dead or alive; null if it is free. */
  holder(name: string): Promise<Lease | null>;
}
