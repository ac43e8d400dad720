import { mkdir, open, rename, stat, unlink } from 'node:fs/promises';
import { LabelError } from '../../core/dataset/errors.ts';
import { errorCode } from '../../core/systemErrors.ts';
import { native, realPath } from '../platform/bytePaths.ts';
import { readPlainFile, unreadable } from './plainFile.ts';
import { privateFile, privateFolder } from '../platform/privateFiles.ts';

/** An open file, as far as it is written here. */
export interface OpenFile {
  writeFile(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  chmod(mode: number): Promise<void>;
  chown(uid: number, gid: number): Promise<void>;
  close(): Promise<void>;
}

export interface FileFacts {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** The file system as label files need it; another one can be put in its place to test a full disk. */
export interface LabelFs {
  open(path: string, flags: 'wx' | 'r' | 'a', mode?: number): Promise<OpenFile>;
  /** The bytes of a regular file, at most `mostBytes` of them; see `readPlainFile`. */
  readFile(path: string, mostBytes: number): Promise<Uint8Array>;
  stat(path: string): Promise<FileFacts>;
  realpath(path: string): Promise<string>;
  rename(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  mkdir(path: string, options: { recursive: true; mode?: number }): Promise<string | undefined>;
}

/** The real file system. */
export const nodeLabelFs: LabelFs = {
  open: native<Parameters<LabelFs['open']>, Promise<OpenFile>>(open),
  readFile: readPlainFile,
  stat: native<[string], Promise<FileFacts>>(stat),
  realpath: realPath,
  rename: native<[string, string], Promise<void>>(rename, 2),
  unlink: native<[string], Promise<void>>(unlink),
  mkdir: native<Parameters<LabelFs['mkdir']>, Promise<string | undefined>>(mkdir),
};

/** Whether an error says that there is no such file. */
export function isMissing(error: unknown): boolean {
  const code = errorCode(error);
  return code === 'ENOENT' || code === 'ENOTDIR';
}

/** For messages. */
function codeOrUnknown(error: unknown): string {
  return errorCode(error) || 'unknown';
}

const readOnlyCodes = new Set(['EROFS', 'EACCES', 'EPERM']);
const fullCodes = new Set(['ENOSPC', 'EDQUOT']);

/** What a failed write means to a person; a `LabelError` stays as it is. */
export function toWriteError(error: unknown, path: string): LabelError {
  if (error instanceof LabelError) return error;
  const code = codeOrUnknown(error);
  const options = { where: path, cause: error };
  if (fullCodes.has(code)) {
    return new LabelError(
      'disk-full',
      `The disk is full: the label file ${path} was not written (${code}). What was there before is whole.`,
      'Free some space and repeat the action.',
      options,
    );
  }
  if (readOnlyCodes.has(code)) {
    return new LabelError(
      'read-only',
      `The label file ${path} cannot be written (${code}). What was there before is whole.`,
      'Make the folder writable, or reopen the dataset: labels of a read-only dataset are kept in an overlay of the workspace.',
      options,
    );
  }
  return new LabelError(
    'write-failed',
    `Writing the label file ${path} failed (${code}). What was there before is whole.`,
    'Check the disk and the length of the path, then repeat the action.',
    options,
  );
}

/** What it means that a label file is as it should be, and the disk does not confirm it; a `LabelError` stays as it is. */
export function toFlushError(error: unknown, path: string): LabelError {
  if (error instanceof LabelError) return error;
  return new LabelError(
    'not-flushed',
    `The label file ${path} is as decided, but the disk did not confirm it (${codeOrUnknown(error)}): a power cut may bring back what was there before.`,
    'Check the disk, then repeat the action.',
    { where: path, cause: error },
  );
}

/** What a failed read means to a person. */
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

/** The same file system for what lies in the folder `.active-learning`: what it makes is private. */
export function privateLabelFs(fs: LabelFs): LabelFs {
  return {
    ...fs,
    open: (path, flags) => fs.open(path, flags, privateFile),
    mkdir: (path, options) => fs.mkdir(path, { ...options, mode: privateFolder }),
  };
}
