import type { Ports } from '../ports/ports.ts';
import type { RunRequest, RunResult } from '../ports/trainer.ts';

/**
 * Prepares a run of the trainer, starts it unless it is already running, and waits for its end. An abort cancels the
 * run; its result then has the code `cancelled`.
 * @throws TrainingError; `run-conflict` if a run of this name started with a different request.
 */
export async function runTrainerJob(
  { trainer }: Pick<Ports, 'trainer'>,
  request: RunRequest,
  signal: AbortSignal | undefined,
): Promise<RunResult> {
  const { runId } = request;
  await trainer.prepare(request);
  if (!(await trainer.isAlive(runId))) await trainer.start(runId);
  const cancel = (): void => void trainer.cancel(runId);
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    if (signal?.aborted) cancel();
    return await trainer.follow(runId, { afterSequence: 0, onEvent: () => undefined });
  } finally {
    signal?.removeEventListener('abort', cancel);
  }
}
