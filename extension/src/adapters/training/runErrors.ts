import { TrainingError } from '../../core/session/errors.ts';
import { toWriteError } from '../platform/fileErrors.ts';

/** Converts a failed write in the runs folder to a `TrainingError`. Returns a `TrainingError` unchanged. */
export function toRunWriteError(error: unknown, folder: string): TrainingError {
  const reason = error instanceof Error ? error.message : String(error);
  return toWriteError(TrainingError, error, folder, {
    'disk-full': [
      'disk-full',
      `The disk is full: the run folder ${folder} could not be written.`,
      'Free some space (run folders of earlier iterations can be deleted), then try again.',
    ],
    'read-only': [
      'read-only',
      `The run folder ${folder} cannot be written: ${reason}`,
      'Allow writing to this folder, or choose another storage folder in the settings.',
    ],
    other: [
      'run-folder-unusable',
      `The run folder ${folder} could not be written: ${reason}`,
      'Check that the disk is connected and healthy, then try again.',
    ],
  });
}
