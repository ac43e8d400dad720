import { parentPort, workerData } from 'node:worker_threads';
import { toErrorReport } from '../../core/errors.ts';
import type { Order, Reply } from './createSelector.ts';
import { runLookalikes } from './runLookalikes.ts';
import { runSelection } from './runSelection.ts';

/** The thread of one selection or comparison: answers once, and ends. */
function answer(order: Order): Reply {
  try {
    const result = order.kind === 'select' ? runSelection(order.request) : runLookalikes(order.request);
    return { ok: true, result };
  } catch (error) {
    const stack = error instanceof Error ? error.stack : undefined;
    return { ok: false, error: toErrorReport(error), ...(stack === undefined ? {} : { stack }) };
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread, not a window
parentPort?.postMessage(answer(workerData as Order));
