/** Proof of who works on something: only what a dead owner left is finished or undone by another. */
export interface Lease {
  readonly pid: number;
  /** Start time of that process as the operating system tells it, so that a reused pid is no proof. */
  readonly startTime: string;
  readonly nonce: string;
}

/** Named locks, such as `training` (one at a time per workspace) or `session:7`. */
export interface LeaseStore {
  /** Takes the lease, or returns the one who holds it. A lease that `replace` names (a dead owner) is taken over atomically. */
  acquire(
    name: string,
    lease: Lease,
    replace?: Lease,
  ): Promise<{ acquired: true } | { acquired: false; holder: Lease }>;
  release(name: string, lease: Lease): Promise<void>;
  /** Who holds the lease, dead or alive; null when it is free. */
  holder(name: string): Promise<Lease | null>;
}
