import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { errorCode } from '../../core/systemErrors.ts';
import { isMissing } from './fileErrors.ts';
import { nodeFileSystem, type FileSystem, type OpenFile } from './fileSystem.ts';
import { temporaryName } from './temporaryFiles.ts';

/** The file has its new content, but the disk did not confirm it: a power failure may restore the old content. */
export class NotFlushedError extends Error {
  /** The system's code, such as `EIO`. */
  readonly code: string;

  constructor(cause: unknown) {
    super(`The disk did not confirm a write: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
    this.name = 'NotFlushedError';
    this.code = errorCode(cause);
  }
}

/** Bytes, a text, or a function that writes to the open temporary file. */
export type FileContent = Uint8Array | string | ((file: OpenFile, temporary: string) => Promise<void>);

export interface AtomicWriteOptions {
  readonly fs?: FileSystem;
  /** Permissions of a new file, before the umask. A replaced file keeps its permissions. */
  readonly mode?: number;
  /** Fail with `EEXIST` if the file exists. */
  readonly onlyNew?: boolean;
  /** Called immediately before the rename. If it throws, the old file stays. */
  readonly beforeRename?: () => Promise<void>;
}

/**
 * Replaces a file atomically: temporary file in the same folder, fsync, rename, fsync of the folder. A reader sees the
 * old or the new content, even after a crash. Creates missing folders. The new file keeps the permissions and, if the
 * system allows it, the owner of the old one. Replaces a symbolic link at `path`; to write through it, pass its real
 * path.
 * @throws NotFlushedError if the new content is in place but not confirmed. After any other error (a file system error)
 * the old file is unchanged and no temporary file is left.
 */
export async function writeAtomic(path: string, content: FileContent, options: AtomicWriteOptions = {}): Promise<void> {
  const { fs = nodeFileSystem } = options;
  const folder = dirname(path);
  await makeFolder(folder, fs);
  await replaceFile(path, content, { ...options, fs });
  await confirmed(flush(folder, fs));
}

/** Removes a file durably. A missing file is not an error. @throws NotFlushedError, file system errors. */
export async function removeDurably(path: string, fs: FileSystem = nodeFileSystem): Promise<void> {
  await fs.unlink(path).catch((error: unknown) => {
    if (!isMissing(error)) throw error;
  });
  await confirmed(flush(dirname(path), fs));
}

/** Makes the current state of a path durable, also that there is no file. @throws NotFlushedError */
export async function flushDurably(path: string, fs: FileSystem = nodeFileSystem): Promise<void> {
  await confirmed(flush(path, fs));
  await confirmed(flush(dirname(path), fs));
}

async function confirmed(flushing: Promise<void>): Promise<void> {
  try {
    await flushing;
  } catch (error) {
    throw new NotFlushedError(error);
  }
}

async function replaceFile(
  path: string,
  content: FileContent,
  { fs, mode, onlyNew = false, beforeRename }: AtomicWriteOptions & { readonly fs: FileSystem },
): Promise<void> {
  const temporary = join(dirname(path), temporaryName());
  let written = false;
  try {
    await writeTemporary(temporary, path, content, fs, mode);
    await beforeRename?.();
    written = !onlyNew;
    if (onlyNew) await fs.link(temporary, path);
    else await renameOver(temporary, path, fs);
  } catch (error) {
    const gone = await fs.unlink(temporary).then(() => false, isMissing);
    // A network drive may report a failure although the rename took place.
    throw written && gone ? new NotFlushedError(error) : error;
  }
  if (onlyNew) await fs.unlink(temporary);
}

async function writeTemporary(
  temporary: string,
  path: string,
  content: FileContent,
  fs: FileSystem,
  mode: number | undefined,
): Promise<void> {
  const old = await fs.stat(path).catch((error: unknown) => {
    if (isMissing(error)) return null;
    throw error;
  });
  const file = await fs.open(temporary, 'wx', mode);
  try {
    if (typeof content === 'function') await content(file, temporary);
    else await file.writeFile(typeof content === 'string' ? Buffer.from(content) : content);
    if (old) {
      // Only root may change the owner. Ignore a failure: the content matters more.
      await file.chown(old.uid, old.gid).catch(() => {});
      await file.chmod(old.mode & 0o7777);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

const busyCodes = new Set(['EBUSY', 'EPERM', 'EACCES']);
const renameDelays = [10, 40, 160];

/** Retries on Windows, where a virus scanner or an indexer may lock the file briefly. */
async function renameOver(from: string, to: string, fs: FileSystem): Promise<void> {
  for (const delay of process.platform === 'win32' ? renameDelays : []) {
    try {
      await fs.rename(from, to);
      return;
    } catch (error) {
      if (!busyCodes.has(errorCode(error))) throw error;
      await sleep(delay);
    }
  }
  await fs.rename(from, to);
}

async function makeFolder(folder: string, fs: FileSystem): Promise<void> {
  const first = await fs.mkdir(folder, { recursive: true });
  if (first === undefined) return;
  // Each new folder is an entry of its parent, which must be flushed too.
  for (let made = folder; made.length >= first.length; made = dirname(made)) await flush(dirname(made), fs);
}

/** Flushes a file, or the entries of a folder. Windows and some network drives cannot flush folders. */
async function flush(path: string, fs: FileSystem): Promise<void> {
  try {
    const handle = await fs.open(path, 'r');
    try {
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (error) {
    if (['ENOSPC', 'EIO', 'EDQUOT'].includes(errorCode(error))) throw error;
  }
}
