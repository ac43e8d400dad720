import { DatasetError, type DatasetErrorCode } from '../../../core/dataset/errors.ts';
import { AppError, type ErrorReport } from '../../../core/errors.ts';
import type { ImageProbe } from '../../../workflow/ports/datasetFiles.ts';
import type { WorkerDeath } from '../../platform/workerProcess.ts';

/** Restores an error of the process with its class. */
export function fromReport({ name, code, message, hint, where }: ErrorReport): AppError {
  const options = where === undefined ? {} : { where };
  return name === 'DatasetError'
    ? new DatasetError(code as DatasetErrorCode, message, hint, options)
    : new AppError(code, message, hint, options);
}

/** The process could not start, or crashed during a listing. */
export function readerFailed({ how, stderr }: WorkerDeath): DatasetError {
  const lines = stderr.split('\n').map((line) => line.trim());
  const reason = lines.find((line) => /error|could not/i.test(line)) ?? lines[0] ?? '';
  return new DatasetError(
    'reader-failed',
    `The process that reads images ${how}.${reason === '' ? '' : ` ${reason}`}`,
    'Try again. If it happens again, reinstall the extension, and report this with the log.',
  );
}

/** The caller cancelled the request. */
export function cancelled(): DatasetError {
  return new DatasetError('cancelled', 'Stopped on request.', 'Run the same step again to go on where it stopped.');
}

/** Stops a walk or a list at a safe point after a cancellation. */
export function throwIfCancelled(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}

/** The process crashed both times that it read this image. */
export function killedBy(path: string, { how, timedOut }: WorkerDeath): ImageProbe & { readonly ok: false } {
  return {
    ok: false,
    contentHash: null,
    problem: {
      severity: 'error',
      code: timedOut ? 'decoder-silent' : 'decoder-crashed',
      message: `The image ${path} cannot be decoded: the process that read it ${how}.`,
      hint: 'Save it again with another program, or remove it.',
      file: path,
    },
  };
}
