import type { MetricsState } from '../../../../extension/src/protocol/metrics.ts';

/**
 * Checks the outline of a message from the host. Not every field, because both sides are built together.
 * @throws Error if the message is invalid.
 */
export function checkFromHost(type: string, payload: unknown): unknown {
  if (type === 'metrics/state' && isMetricsState(payload)) return payload;
  throw new Error(`The message ${type} is not valid.`);
}

export function isMetricsState(value: unknown): value is MetricsState {
  if (typeof value !== 'object' || value === null) return false;
  return (
    'sessionName' in value &&
    typeof value.sessionName === 'string' &&
    'iterations' in value &&
    Array.isArray(value.iterations) &&
    'runs' in value &&
    Array.isArray(value.runs) &&
    'run' in value &&
    (value.run === null || isRun(value.run))
  );
}

function isRun(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'runId' in value &&
    typeof value.runId === 'string' &&
    'series' in value &&
    Array.isArray(value.series)
  );
}
