import * as fs from 'node:fs/promises';
import { privateFile, privateFolder } from '../platform/privateFiles.ts';
import { isMissing } from '../platform/fileErrors.ts';
import { native, nativePath, realPath, textOfPath } from '../platform/bytePaths.ts';

/** The file operations of run folders. Tests replace them to simulate a full or read-only disk. */
export type FileOps = Pick<
  typeof fs,
  'copyFile' | 'link' | 'lstat' | 'mkdir' | 'open' | 'readFile' | 'readdir' | 'readlink' | 'realpath' | 'rename' | 'rm'
> &
  Pick<typeof fs, 'stat' | 'symlink' | 'unlink' | 'writeFile'>;

/** The real file system. Paths may contain invalid UTF-8. */
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

/** The same operations for the folder `.active-learning`: new files and folders are private. */
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

/** The file's text, or `null` if there is no such file. */
export async function readTextIfThere(files: FileOps, path: string): Promise<string | null> {
  try {
    return await files.readFile(path, 'utf8');
  } catch (error) {
    if (isMissing(error)) return null;
    throw error;
  }
}

export async function exists(files: FileOps, path: string): Promise<boolean> {
  try {
    await files.stat(path);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}
