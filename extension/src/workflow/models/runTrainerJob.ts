import type { Ports } from '../ports/ports.ts';
import type { ModelJob } from '../ports/job.ts';
import type { RunResult } from '../ports/trainer.ts';

/**
 * Prepares a run of the trainer, starts it unless it already runs, and waits for its end. An abort cancels the run: the
 * status of its result is then `cancelled`.
 * @throws TrainingError, `run-conflict` if a run with this id began with another job.
 */
export async function runTrainerJob(
  { trainer }: Pick<Ports, 'trainer'>,
  job: ModelJob,
  signal: AbortSignal | undefined,
): Promise<RunResult> {
  const { runId } = job;
  await trainer.prepare(job);
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
