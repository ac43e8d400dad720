import { InferenceError } from '../inferenceError.ts';
import { runtimeMissingIn } from './runtime.ts';
import type { WorkerDeath } from '../../platform/workerProcess.ts';

export function notStarted(cause: unknown): InferenceError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const hint = 'Close other programs, or install the extension again.';
  return new InferenceError('worker-failed', `No process for predictions can be started: ${reason}`, hint, { cause });
}

export function workersDie(death: WorkerDeath, times: number, where: string): InferenceError {
  const missing = runtimeMissingIn(death.stderr);
  if (missing !== null) return missing;
  const wrote = death.stderr === '' ? 'It wrote nothing.' : `It wrote: ${death.stderr}`;
  return new InferenceError(
    'worker-failed',
    `The worker process for predictions ${death.how} before it began with an image${times > 1 ? `, ${times} times in a row` : ''}. ${wrote}`,
    'Free memory, install the extension again, or choose another model; the text above names the cause.',
    { where },
  );
}

/** @param images number of images lost in a row. */
export function keepsFailing(images: number, last: string, where: string): InferenceError {
  return new InferenceError(
    'worker-failed',
    `${images} images in a row could not be predicted. The last: ${last}`,
    'Try a smaller image size or fewer workers; if it stays so, export the model again.',
    { where },
  );
}
