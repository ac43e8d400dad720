import { resolve as absolute } from 'node:path';
import { Worker } from 'node:worker_threads';
import type { ErrorReport } from '../../core/errors.ts';
import { SelectionError, type SelectionErrorCode } from '../../core/selection/errors.ts';
import type { SelectionResult } from '../../core/selection/strategy.ts';
import type { LookalikeRequest, LookalikeResult, SelectionRequest, Selector } from '../../workflow/ports/selector.ts';

/** What a thread is to do. */
export type Order =
  | { readonly kind: 'select'; readonly request: SelectionRequest }
  | { readonly kind: 'lookalikes'; readonly request: LookalikeRequest };

/** What the thread answers. */
export type Reply =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: ErrorReport; readonly stack?: string };

export interface SelectorOptions {
  /** The file of the thread: `thread.ts` here, or its bundle. */
  readonly threadPath: string;
}

/**
 * Runs every selection and comparison on a thread of its own, which ends with it: a large one takes seconds and
 * gigabytes, and neither stays. Columns and vectors in shared memory are not copied.
 */
export function createSelector({ threadPath }: SelectorOptions): Selector {
  // No flags of the caller's process: some (`--input-type`) keep a thread from starting.
  const start = (order: Order): Worker =>
    new Worker(absolute(threadPath), { workerData: order, name: 'selection', execArgv: [] });
  return {
    select: (request, signal) => answerOf<SelectionResult>(() => start({ kind: 'select', request }), signal),
    lookalikes: (request, signal) => answerOf<LookalikeResult>(() => start({ kind: 'lookalikes', request }), signal),
  };
}

/** @param start not called where `signal` has fired already. */
function answerOf<Result>(start: () => Worker, signal: AbortSignal | undefined): Promise<Result> {
  return new Promise<Result>((resolve, reject) => {
    if (signal?.aborted === true) {
      reject(cancelled());
      return;
    }
    const worker = start();
    const stop = (): void => {
      reject(cancelled());
      void worker.terminate();
    };
    signal?.addEventListener('abort', stop, { once: true });
    const end = (settle: () => void): void => {
      signal?.removeEventListener('abort', stop);
      settle();
    };
    worker.once('message', (reply: Reply) =>
      end(() => (reply.ok ? resolve(reply.result as Result) : reject(errorOf(reply.error, reply.stack)))),
    );
    worker.once('error', (error) => end(() => reject(died(String(error), error))));
    worker.once('exit', (code) => end(() => reject(died(`it ended with code ${code}`))));
  });
}

function errorOf({ code, message, hint, where }: ErrorReport, stack: string | undefined): Error {
  const error = new SelectionError(code as SelectionErrorCode, message, hint, where === undefined ? {} : { where });
  if (stack !== undefined) error.stack = stack;
  return error;
}

function died(why: string, cause?: unknown): SelectionError {
  return new SelectionError(
    'thread-died',
    `The selection stopped: ${why}.`,
    'Run the step again; with a very large pool, close other programs first.',
    { cause },
  );
}

function cancelled(): SelectionError {
  return new SelectionError('cancelled', 'Stopped on request.', 'Run the same step again.');
}
