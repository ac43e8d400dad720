import { AppError } from '../errors.ts';

export type SelectionErrorCode =
  /** No strategy with that id is registered. */
  | 'unknown-strategy'
  /** A candidate was added twice. */
  | 'duplicate-candidate'
  /** A batch size or share is out of range. */
  | 'context-invalid'
  /** The selection thread ended without a result. */
  | 'thread-died'
  | 'cancelled';

/** Errors of a request for a batch. */
export class SelectionError extends AppError<SelectionErrorCode> {}
