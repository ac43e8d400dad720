import { parentPort, workerData } from 'node:worker_threads';
import { toErrorReport } from '../../core/errors.ts';
import type { SelectionRequest } from '../../workflow/ports/selector.ts';
import type { Reply } from './createSelector.ts';
import { runSelection } from './runSelection.ts';

/** The thread of one selection: answers once, and ends. */
function answer(request: SelectionRequest): Reply {
  try {
    return { ok: true, result: runSelection(request) };
  } catch (error) {
    const stack = error instanceof Error ? error.stack : undefined;
    return { ok: false, error: toErrorReport(error), ...(stack === undefined ? {} : { stack }) };
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(answer(workerData as SelectionRequest));
