import { outcomeOf } from '../adapters/platform/createBackground.ts';
import type { FromBackground, ToBackground, TrainerCall } from '../adapters/platform/backgroundWire.ts';
import { watchParent } from '../adapters/platform/parentWatch.ts';
import type { ErrorReport } from '../core/errors.ts';
import { trainingErrorFromReport } from '../core/session/errors.ts';
import { doWork } from '../workflow/iteration/runInBackground.ts';
import type { Ports } from '../workflow/ports/ports.ts';
import type { RunResult, Trainer } from '../workflow/ports/trainer.ts';
import type { Lease } from '../workflow/ports/store/leases.ts';
import { openWorkspace } from './workspace.ts';

/*
 * The entry of the background process: opens the workspace of its parent, does one piece of work, and is then ended by
 * the parent.
 */

const abort = new AbortController();
const waiting = new Map<number, (answer: Extract<ToBackground, { kind: 'answer' }>) => void>();
let calls = 0;

function tell(message: FromBackground): void {
  process.send?.(message, undefined, undefined, () => undefined);
}

/** @throws TrainingError */
async function ask<Result>(call: TrainerCall): Promise<Result> {
  const id = ++calls;
  const { outcome } = await new Promise<Extract<ToBackground, { kind: 'answer' }>>((resolve) => {
    waiting.set(id, resolve);
    tell({ kind: 'call', id, call });
  });
  if (!outcome.ok) throw trainingErrorFromReport(outcome.error satisfies ErrorReport);
  return outcome.result as Result;
}

/** The parent starts trainers: in a task of its terminal, with the user's consent to downloads. */
function parentsTrainer(own: Trainer): Trainer {
  return {
    ...own,
    prepare: (request) => ask<void>({ method: 'prepare', args: [request] }),
    start: (runId) => ask<Lease>({ method: 'start', args: [runId] }),
    follow: (runId) => ask<RunResult>({ method: 'follow', args: [runId] }),
    cancel: (runId) => ask<void>({ method: 'cancel', args: [runId] }),
  };
}

async function run({ setup, work, allowDownload }: Extract<ToBackground, { kind: 'run' }>): Promise<unknown> {
  const workspace = await openWorkspace({
    ...setup,
    isOpenElsewhere: true,
    onWarning: (message) => tell({ kind: 'warning', message }),
    onNotice: (message) => tell({ kind: 'notice', message }),
  });
  try {
    const ports: Ports = { ...workspace.ports, trainer: parentsTrainer(workspace.ports.trainer) };
    const report = (update: Extract<FromBackground, { kind: 'progress' }>['update']): void =>
      tell({ kind: 'progress', update });
    return await doWork(ports, work, { report, signal: abort.signal, allowDownload });
  } finally {
    await workspace.close();
  }
}

process.on('message', (message: ToBackground) => {
  if (message.kind === 'run') void outcomeOf(run(message)).then((outcome) => tell({ kind: 'end', outcome }));
  else if (message.kind === 'abort') abort.abort();
  else {
    waiting.get(message.id)?.(message);
    waiting.delete(message.id);
  }
});
// Ctrl-C in a terminal reaches the whole process group; the parent decides when this process ends.
process.on('SIGINT', () => undefined);
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));
watchParent(process.ppid);
