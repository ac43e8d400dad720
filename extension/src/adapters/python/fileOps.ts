import * as fs from 'node:fs/promises';
import { errorCode } from '../../core/systemErrors.ts';
import { TrainingError } from '../../core/session/errors.ts';
import { privateFile, privateFolder } from '../platform/privateFiles.ts';
import { native, nativePath, realPath, textOfPath } from '../platform/bytePaths.ts';

/** The file operations of this room, injectable so that a full or read-only disk can be tried out. */
export type FileOps = Pick<
  typeof fs,
  'copyFile' | 'link' | 'lstat' | 'mkdir' | 'open' | 'readFile' | 'readdir' | 'readlink' | 'realpath' | 'rename' | 'rm'
> &
  Pick<typeof fs, 'stat' | 'symlink' | 'writeFile'>;

/** The real file system; paths may hold bytes that are no UTF-8. */
export const nodeFiles: FileOps = {
  ...fs,
  copyFile: native(fs.copyFile as Call, 2) as typeof fs.copyFile,
  link: native(fs.link as Call, 2) as typeof fs.link,
  lstat: native(fs.lstat as Call) as typeof fs.lstat,
  open: native(fs.open as Call) as typeof fs.open,
  readlink: (async (path: string) => textOfPath(await fs.readlink(nativePath(path), 'buffer'))) as typeof fs.readlink,
  realpath: realPath as typeof fs.realpath,
  stat: native(fs.stat as Call) as typeof fs.stat,
  symlink: native(fs.symlink as Call, 2) as typeof fs.symlink,
};

type Call = (...args: readonly unknown[]) => unknown;

/** The same operations for what lies in the folder `.active-learning`: what they make is private. */
export function privateFileOps(files: FileOps): FileOps {
  const mkdir = (path: string, options: { recursive: true }) => files.mkdir(path, { ...options, mode: privateFolder });
  const open = (path: string, flags: string) => files.open(path, flags, privateFile);
  const writeFile = (path: string, text: string) =>
    files.writeFile(path, text, { encoding: 'utf8', mode: privateFile });
  const copyFile = async (from: string, to: string) => {
    await files.copyFile(from, to);
    await fs.chmod(to, privateFile);
  };
  return { ...files, mkdir, open, writeFile, copyFile } as FileOps;
}

/** The file's text, or `null` when there is no such file. */
export async function readTextIfThere(files: FileOps, path: string): Promise<string | null> {
  try {
    return await files.readFile(path, 'utf8');
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return null;
    throw error;
  }
}

export async function exists(files: FileOps, path: string): Promise<boolean> {
  try {
    await files.stat(path);
    return true;
  } catch (error) {
    if (errorCode(error) === 'ENOENT' || errorCode(error) === 'ENOTDIR') return false;
    throw error;
  }
}

/** Writes beside the file, syncs, and renames: a reader sees the old text or the new one. */
export async function writeAtomic(files: FileOps, path: string, text: string): Promise<void> {
  const part = `${path}.${process.pid}.part`;
  try {
    // Whatever lies there, a link included, is not written through.
    await files.rm(part, { force: true });
    const handle = await files.open(part, 'wx', 0o600);
    try {
      await handle.writeFile(text, 'utf8');
      await handle.sync();
    } finally {
      await handle.close();
    }
    await files.rename(part, path);
  } catch (error) {
    await files.rm(part, { force: true }).catch(() => {});
    throw error;
  }
}

/** A failed write below the runs folder, as an error that says what to do. Typed errors pass through. */
export function asWriteError(error: unknown, folder: string): TrainingError {
  if (error instanceof TrainingError) return error;
  const message = error instanceof Error ? error.message : String(error);
  const options = { where: folder, cause: error };
  switch (errorCode(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new TrainingError(
        'disk-full',
        `The disk is full: the run folder ${folder} could not be written.`,
        'Free some space (run folders of earlier iterations can be deleted), then try again.',
        options,
      );
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new TrainingError(
        'read-only',
        `The run folder ${folder} cannot be written: ${message}`,
        'Allow writing to this folder, or choose another storage folder in the settings.',
        options,
      );
    default:
      return new TrainingError(
        'run-folder-unusable',
        `The run folder ${folder} could not be written: ${message}`,
        'Check that the disk is connected and healthy, then try again.',
        options,
      );
  }
}
