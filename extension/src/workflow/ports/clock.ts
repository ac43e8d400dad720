/** The time, as a port, so that use cases can be tested. */
export interface Clock {
  /** ISO 8601 in UTC. */
  now(): string;
  /** Milliseconds of a monotonic clock, for durations. */
  monotonic(): number;
}
