import { AppError } from '../errors.ts';

export type SelectionErrorCode =
  /** No strategy with that id is registered. */
  | 'unknown-strategy'
  /** The same image was offered twice. */
  | 'duplicate-candidate'
  /** A batch size or share that makes no sense. */
  | 'context-invalid'
  /** The thread that chose ended without an answer. */
  | 'thread-died'
  | 'cancelled';

/** What can be wrong with a request for a batch. */
export class SelectionError extends AppError<SelectionErrorCode> {}
