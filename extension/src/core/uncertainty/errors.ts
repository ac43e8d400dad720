import { AppError } from '../errors.ts';

export type UncertaintyErrorCode =
  /** No score with that id is registered. */
  | 'unknown-metric'
  /** A score returned something other than null or a number from 0 to 1. */
  | 'metric-out-of-range'
  /** A weight is negative or not finite, or all are 0. */
  | 'weights-invalid';

/** Errors of a score or its settings. */
export class UncertaintyError extends AppError<UncertaintyErrorCode> {}
