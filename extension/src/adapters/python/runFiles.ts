import { constants } from 'node:fs';
import { join, sep } from 'node:path';
import { TrainingError } from '../../core/session/errors.ts';
import { errorCode } from '../../core/systemErrors.ts';
import { type FileOps } from './fileOps.ts';

/** A run folder may be untrusted: a link in it may lead anywhere, and a pipe would block. */
const noLink = (constants.O_NOFOLLOW ?? 0) | (constants.O_NONBLOCK ?? 0);
const flags = {
  read: constants.O_RDONLY | noLink,
  append: constants.O_WRONLY | constants.O_APPEND | constants.O_CREAT | noLink,
  write: constants.O_WRONLY | constants.O_TRUNC | constants.O_CREAT | noLink,
} as const;

/** config.json names every calibration image; result.json and model.json are smaller. */
const mostBytes = 32 * 1024 * 1024;

export type RunFileHandle = Awaited<ReturnType<FileOps['open']>>;

/**
 * Opens a file of a run folder, never through a link.
 * @throws TrainingError `run-folder-unusable` for anything other than a regular file; file system errors.
 */
export async function openRunFile(files: FileOps, path: string, mode: keyof typeof flags): Promise<RunFileHandle> {
  // Windows has no such flag.
  if (constants.O_NOFOLLOW === undefined && (await isLink(files, path))) throw notPlain(path);
  let handle: RunFileHandle;
  try {
    handle = await files.open(path, flags[mode], 0o600);
  } catch (error) {
    if (['ELOOP', 'ENXIO', 'EISDIR', 'EMLINK'].includes(errorCode(error))) throw notPlain(path, error);
    throw error;
  }
  if ((await handle.stat()).isFile()) return handle;
  await handle.close();
  throw notPlain(path);
}

/** The text of a run's file, `null` if there is none. @throws as `openRunFile`, also for a file larger than 32 MB. */
export async function readRunText(files: FileOps, path: string): Promise<string | null> {
  try {
    const handle = await openRunFile(files, path, 'read');
    try {
      if ((await handle.stat()).size > mostBytes) throw notPlain(path);
      return await handle.readFile('utf8');
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes(errorCode(error))) return null;
    throw error;
  }
}

/** Creates or empties a file. @throws as `openRunFile`. */
export async function touchRunFile(files: FileOps, path: string): Promise<void> {
  await (await openRunFile(files, path, 'write')).close();
}

/**
 * The real path of a file that a run names, which must be a regular file in the run's folder.
 * @returns null if it is missing, outside the folder, or a link.
 */
export async function fileInRun(files: FileOps, folder: string, named: string): Promise<string | null> {
  try {
    const path = join(folder, named);
    const [realFolder, real] = [await files.realpath(folder), await files.realpath(path)];
    const plain = (await files.lstat(path)).isFile();
    return plain && real.startsWith(realFolder + sep) ? path : null;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES', 'ENAMETOOLONG', 'ERR_INVALID_ARG_VALUE'].includes(errorCode(error)))
      return null;
    throw error;
  }
}

async function isLink(files: FileOps, path: string): Promise<boolean> {
  return files.lstat(path).then(
    (facts) => facts.isSymbolicLink(),
    () => false,
  );
}

/** @throws TrainingError `run-folder-unusable` if the run's folder is a link. */
export async function refuseLinkedRun(files: FileOps, folder: string): Promise<void> {
  if (await isLink(files, folder)) throw notPlain(folder);
}

function notPlain(path: string, cause?: unknown): TrainingError {
  return new TrainingError(
    'run-folder-unusable',
    `${path} is a link, or no plain file that a training wrote, and is not opened.`,
    'Delete this run folder and train again; labels and models are not affected.',
    { where: path, ...(cause === undefined ? {} : { cause }) },
  );
}
