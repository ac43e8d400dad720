import { AppError } from '../errors.ts';

export type UncertaintyErrorCode =
  /** No metric with that id is registered. */
  | 'unknown-metric'
  /** A metric returned something other than null or a number from 0 to 1. */
  | 'metric-out-of-range'
  /** Weights that are negative, not finite, or all 0. */
  | 'weights-invalid';

/** What can be wrong with a metric or its settings. */
export class UncertaintyError extends AppError<UncertaintyErrorCode> {}
