import { LabelError } from '../../core/dataset/errors.ts';
import { errorCode } from '../../core/systemErrors.ts';
import { toWriteError } from '../platform/fileErrors.ts';
import { nodeFileSystem, type FileSystem } from '../platform/fileSystem.ts';
import { readPlainFile, unreadable } from './plainFile.ts';

/** The file system for label files. Tests replace it to simulate a full or failing disk. */
export interface LabelFs extends FileSystem {
  /** The bytes of a regular file, at most `mostBytes`; see `readPlainFile`. */
  readFile(path: string, mostBytes: number): Promise<Uint8Array>;
}

/** The real file system. */
export const nodeLabelFs: LabelFs = { ...nodeFileSystem, readFile: readPlainFile };

/** The system's error code, for messages. */
function codeOrUnknown(error: unknown): string {
  return errorCode(error) || 'unknown';
}

/** Converts a failed write of a label file to a `LabelError`. Returns a `LabelError` unchanged. */
export function toLabelWriteError(error: unknown, path: string): LabelError {
  const code = codeOrUnknown(error);
  const unchanged = 'What was there before is whole.';
  return toWriteError(LabelError, error, path, {
    'disk-full': [
      'disk-full',
      `The disk is full: the label file ${path} was not written (${code}). ${unchanged}`,
      'Free some space and repeat the action.',
    ],
    'read-only': [
      'read-only',
      `The label file ${path} cannot be written (${code}). ${unchanged}`,
      'Make the folder writable, or reopen the dataset: labels of a read-only dataset are kept in an overlay of the workspace.',
    ],
    other: [
      'write-failed',
      `Writing the label file ${path} failed (${code}). ${unchanged}`,
      'Check the disk and the length of the path, then repeat the action.',
    ],
  });
}

/** Converts a write that the disk did not confirm to a `LabelError`. Returns a `LabelError` unchanged. */
export function toFlushError(error: unknown, path: string): LabelError {
  if (error instanceof LabelError) return error;
  return new LabelError(
    'not-flushed',
    `The label file ${path} is as decided, but the disk did not confirm it (${codeOrUnknown(error)}): a power cut may bring back what was there before.`,
    'Check the disk, then repeat the action.',
    { where: path, cause: error },
  );
}

/** Converts a failed read of a label file to a `LabelError`. Returns a `LabelError` unchanged. */
export function toReadError(error: unknown, path: string): LabelError {
  if (error instanceof LabelError) return error;
  const code = codeOrUnknown(error);
  const [why, hint] = readReasons[code] ?? [`the system refuses it (${code})`, 'Check the disk, then rescan.'];
  return unreadable(path, why, hint, error);
}

const permissions = 'Check the permissions of the file and its folder, then rescan.';
const readReasons: Readonly<Record<string, readonly [why: string, hint: string]>> = {
  EACCES: ['you have no permission (EACCES)', permissions],
  EPERM: ['you have no permission (EPERM)', permissions],
  ELOOP: ['it is a link that leads back to itself (ELOOP)', 'Remove the link, or let it lead to a file; then rescan.'],
  ENOTDIR: ['a part of its path is a file, not a folder (ENOTDIR)', 'Rename that file, then rescan.'],
};
