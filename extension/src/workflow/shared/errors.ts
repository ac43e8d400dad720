import { AppError } from '../../core/errors.ts';

export type WorkflowErrorCode =
  | 'not-found'
  | 'busy-elsewhere'
  | 'session-busy'
  | 'cancelled'
  | 'dataset-moved'
  | 'classes-reordered'
  | 'classes-renamed'
  | 'no-labels'
  | 'no-validation'
  | 'not-now'
  | 'file-exists'
  | 'wrong-step'
  | 'no-boxes-shown'
  | 'edited-outside'
  | 'half-stored'
  | 'image-missing'
  | 'nothing-to-undo'
  | 'nothing-to-redo'
  | 'no-model'
  | 'model-silent'
  | 'model-unknown'
  | 'image-unreadable'
  | 'label-not-text'
  | 'verdict-invalid'
  | 'already-judged'
  | 'has-edits';

/** A use case that cannot go on: what, where, and what to do. */
export class WorkflowError extends AppError<WorkflowErrorCode> {}

/** Ends a use case when the person asked for it. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) {
    throw new WorkflowError('cancelled', 'Stopped on request.', 'Run the same step again to go on where it stopped.');
  }
}

/** The row, or a clear error that it is gone. */
export function requireRow<T>(row: T | null, what: string, id: number | string): T {
  if (row !== null) return row;
  throw new WorkflowError(
    'not-found',
    `There is no ${what} ${id}.`,
    'It may have been deleted in another window; refresh the list.',
  );
}
