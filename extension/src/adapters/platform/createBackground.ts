import { AppError, toErrorReport, type ErrorReport } from '../../core/errors.ts';
import type { Background, BackgroundCaller, BackgroundWork } from '../../workflow/ports/background.ts';
import type { Trainer } from '../../workflow/ports/trainer.ts';
import type { BackgroundSetup, FromBackground, WorkOutcome, ToBackground, TrainerCall } from './backgroundWire.ts';
import { WorkerProcess, type WorkerDeath } from './workerProcess.ts';

class BackgroundError extends AppError<'process-died' | 'cancelled'> {}

export interface BackgroundOptions {
  /** The entry file of the process: the bundled `background.js`, or `backgroundEntry.ts` if Node runs TypeScript. */
  readonly workerPath: string;
  readonly setup: BackgroundSetup;
  readonly onWarning?: ((message: string) => void) | undefined;
  readonly onNotice?: ((message: string) => void) | undefined;
  /** Time after a stop request until the process is killed. Default 30 seconds. */
  readonly patienceMs?: number;
}

type Process = WorkerProcess<ToBackground, FromBackground>;

/** Forks a process for each piece of work. The process exits after the work, and when this process exits. */
export function createBackground(options: BackgroundOptions): Background {
  const processes = new Set<Process>();
  return {
    async run(work, caller) {
      if (caller.signal?.aborted === true) throw cancelled();
      const command = { workerPath: options.workerPath, nodePath: process.execPath, env: process.env };
      const worker: Process = new WorkerProcess(command);
      processes.add(worker);
      try {
        return await resultOf(worker, work, caller, options);
      } finally {
        processes.delete(worker);
        worker.listener = null;
        await worker.kill();
      }
    },
    async close() {
      await Promise.all([...processes].map((worker) => worker.kill()));
    },
  };
}

async function resultOf(
  worker: Process,
  work: BackgroundWork,
  { trainer, report, signal, allowDownload = false }: BackgroundCaller,
  { setup, onWarning, onNotice, patienceMs = 30_000 }: BackgroundOptions,
): Promise<unknown> {
  let patience: NodeJS.Timeout | undefined;
  let stop: (() => void) | undefined;
  try {
    return await new Promise<unknown>((resolve, reject) => {
      worker.listener = {
        onMessage(message) {
          if (message.kind === 'progress') report?.(message.update);
          else if (message.kind === 'warning') onWarning?.(message.message);
          else if (message.kind === 'notice') (onNotice ?? onWarning)?.(message.message);
          else if (message.kind === 'call') {
            const { id, call } = message;
            void outcomeOf(callTrainer(trainer, call)).then((outcome) => worker.send({ kind: 'answer', id, outcome }));
          } else if (message.outcome.ok) resolve(message.outcome.result);
          else reject(errorFromReport(message.outcome.error));
        },
        onDeath: (death) => reject(processDied(death)),
      };
      stop = () => {
        worker.send({ kind: 'abort' });
        patience = setTimeout(() => reject(cancelled()), patienceMs);
      };
      signal?.addEventListener('abort', stop, { once: true });
      worker.send({ kind: 'run', setup, work, allowDownload });
    });
  } finally {
    if (stop) signal?.removeEventListener('abort', stop);
    clearTimeout(patience);
  }
}

/** Calls the trainer without passing on its events: work in the background waits only for results. */
function callTrainer(trainer: Trainer, call: TrainerCall): Promise<unknown> {
  if (call.method === 'prepare') return trainer.prepare(...call.args);
  const [runId] = call.args;
  if (call.method === 'follow') return trainer.follow(runId, { afterSequence: 0, onEvent: () => undefined });
  return trainer[call.method](runId);
}

/** The outcome of a promise as plain data. */
export async function outcomeOf(work: Promise<unknown>): Promise<WorkOutcome> {
  try {
    return { ok: true, result: await work };
  } catch (error) {
    return { ok: false, error: toErrorReport(error) };
  }
}

/** Restores an error of the process with its name, code and hint. */
function errorFromReport({ name, code, message, hint, where }: ErrorReport): AppError {
  const error = new AppError(code, message, hint, where === undefined ? {} : { where });
  error.name = name;
  return error;
}

function processDied({ how, stderr }: WorkerDeath): BackgroundError {
  const last = stderr.split('\n').at(-1) ?? '';
  return new BackgroundError(
    'process-died',
    `The process that works in the background ${how}.${last === '' ? '' : ` It wrote: ${last}`}`,
    'Run the same step again to continue where it stopped. If it happens again, report it with the log.',
  );
}

function cancelled(): BackgroundError {
  return new BackgroundError(
    'cancelled',
    'Stopped on request.',
    'Run the same step again to continue where it stopped.',
  );
}
