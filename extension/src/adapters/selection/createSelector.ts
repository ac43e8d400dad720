import { resolve as absolute } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ErrorReport } from '../../core/errors.ts';
import { SelectionError, type SelectionErrorCode } from '../../core/selection/errors.ts';
import type { SelectionResult } from '../../core/selection/strategy.ts';
import type {
  NearDuplicateRequest,
  NearDuplicateResult,
  SelectionRequest,
  Selector,
} from '../../workflow/ports/selector.ts';
import { ThreadRpc } from '../platform/threadRpc.ts';

/** The task of a thread. */
export type SelectionTask =
  | { readonly kind: 'select'; readonly request: SelectionRequest }
  | { readonly kind: 'near-duplicates'; readonly request: NearDuplicateRequest };

export interface SelectorOptions {
  /** The entry file of the thread: `thread.ts` or its bundle. */
  readonly threadPath: string;
}

/**
 * Runs every selection and comparison on a new thread, because a large one takes seconds and gigabytes. The thread ends
 * afterwards and frees its memory. Columns and vectors in shared memory are not copied.
 */
export function createSelector({ threadPath }: SelectorOptions): Selector {
  const run = async <Result>(task: SelectionTask, signal: AbortSignal | undefined): Promise<Result> => {
    if (signal?.aborted === true) throw cancelled();
    // Don't inherit flags of the process: some (`--input-type`) prevent a thread from starting.
    const worker = new Worker(absolute(threadPath), { workerData: task, name: 'selection', execArgv: [] });
    const thread = new ThreadRpc(worker, { died, thrown });
    const stop = (): void => {
      thread.fail(cancelled());
      void worker.terminate();
    };
    signal?.addEventListener('abort', stop, { once: true });
    try {
      return (await thread.started) as Result;
    } finally {
      signal?.removeEventListener('abort', stop);
    }
  };
  return {
    select: (request, signal) => run<SelectionResult>({ kind: 'select', request }, signal),
    nearDuplicates: (request, signal) => run<NearDuplicateResult>({ kind: 'near-duplicates', request }, signal),
  };
}

function thrown({ code, message, hint, where }: ErrorReport, stack?: string): Error {
  const error = new SelectionError(code as SelectionErrorCode, message, hint, where === undefined ? {} : { where });
  if (stack !== undefined) error.stack = stack;
  return error;
}

function died(what: string, cause?: unknown): SelectionError {
  return new SelectionError(
    'thread-died',
    `The selection stopped: its thread ${what}.`,
    'Run the step again; with a very large pool, close other programs first.',
    { cause },
  );
}

function cancelled(): SelectionError {
  return new SelectionError('cancelled', 'Stopped on request.', 'Run the same step again.');
}
