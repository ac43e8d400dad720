import { parentPort, workerData } from 'node:worker_threads';
import { answerCall, startId } from '../platform/threadRpc.ts';
import type { SelectionTask } from './createSelector.ts';
import { runNearDuplicates } from './runNearDuplicates.ts';
import { runSelection } from './runSelection.ts';

/** The thread of one selection or comparison: sends one response and exits. */
const task = workerData as SelectionTask;
if (parentPort !== null) {
  answerCall(parentPort, startId, () =>
    task.kind === 'select' ? runSelection(task.request) : runNearDuplicates(task.request),
  );
}
