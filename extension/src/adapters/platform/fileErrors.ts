import type { AppError } from '../../core/errors.ts';
import { errorCode } from '../../core/systemErrors.ts';

/** The cause of a file system error, for messages to the user. */
export type FileFault = 'disk-full' | 'read-only' | 'missing' | 'other';

const faults: Readonly<Record<string, FileFault>> = {
  ENOSPC: 'disk-full',
  EDQUOT: 'disk-full',
  EROFS: 'read-only',
  EACCES: 'read-only',
  EPERM: 'read-only',
  ENOENT: 'missing',
  ENOTDIR: 'missing',
};

function fileFault(error: unknown): FileFault {
  return faults[errorCode(error)] ?? 'other';
}

/** Whether the error means that the file does not exist. */
export function isMissing(error: unknown): boolean {
  return fileFault(error) === 'missing';
}

type ErrorText<Code> = readonly [code: Code, message: string, hint: string];

/**
 * Converts a failed write to an error of class `Type` with the caller's messages. Returns an error of that class
 * unchanged.
 * @param where the file or folder.
 */
export function toWriteError<Code extends string, Failure extends AppError<Code>>(
  Type: new (code: Code, message: string, hint: string, options: { where: string; cause: unknown }) => Failure,
  error: unknown,
  where: string,
  texts: Readonly<Record<Exclude<FileFault, 'missing'>, ErrorText<NoInfer<Code>>>>,
): Failure {
  if (error instanceof Type) return error;
  const fault = fileFault(error);
  return new Type(...texts[fault === 'missing' ? 'other' : fault], { where, cause: error });
}
