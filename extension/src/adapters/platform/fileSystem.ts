import { link, mkdir, open, rename, stat, unlink } from 'node:fs/promises';
import { native, realPath } from './bytePaths.ts';
import { privateFile, privateFolder } from './privateFiles.ts';

/** The part of an open file that an atomic write needs. */
export interface OpenFile {
  writeFile(bytes: Uint8Array): Promise<void>;
  sync(): Promise<void>;
  chmod(mode: number): Promise<void>;
  chown(uid: number, gid: number): Promise<void>;
  close(): Promise<void>;
}

export interface FileOwnership {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** The system calls for an atomic write. Tests replace them to simulate a full or failing disk. */
export interface FileSystem {
  open(path: string, flags: 'wx' | 'r' | 'a', mode?: number): Promise<OpenFile>;
  stat(path: string): Promise<FileOwnership>;
  realpath(path: string): Promise<string>;
  rename(from: string, to: string): Promise<void>;
  link(from: string, to: string): Promise<void>;
  unlink(path: string): Promise<void>;
  mkdir(path: string, options: { recursive: true; mode?: number }): Promise<string | undefined>;
}

/** The real file system. Paths may contain invalid UTF-8. */
export const nodeFileSystem: FileSystem = {
  open: native<Parameters<FileSystem['open']>, Promise<OpenFile>>(open),
  stat: native<[string], Promise<FileOwnership>>(stat),
  realpath: realPath,
  rename: native<[string, string], Promise<void>>(rename, 2),
  link: native<[string, string], Promise<void>>(link, 2),
  unlink: native<[string], Promise<void>>(unlink),
  mkdir: native<Parameters<FileSystem['mkdir']>, Promise<string | undefined>>(mkdir),
};

/** A file system for the folder `.active-learning`, in which new files and folders are private to the user. */
export function privateFileSystem<Given extends FileSystem>(fs: Given): Given {
  return {
    ...fs,
    open: (path: string, flags: 'wx' | 'r' | 'a') => fs.open(path, flags, privateFile),
    mkdir: (path: string, options: { recursive: true }) => fs.mkdir(path, { ...options, mode: privateFolder }),
  };
}
