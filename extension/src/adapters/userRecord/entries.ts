import { chmod, mkdir, readFile, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { errorCode } from '../../core/systemErrors.ts';
import { writeAtomic } from '../platform/atomicWrite.ts';
import { privateFile } from '../platform/privateFiles.ts';

/**
 * The record as small files, one per entry. Each is replaced atomically, so that any number of processes may write. If
 * the files cannot be written, entries last as long as this process.
 */
export interface Entries {
  /** The value of an entry; null if it is missing or damaged. @param name relative, such as `folders/ab12.json`. */
  read(name: string): Promise<unknown>;
  write(name: string, value: unknown): Promise<void>;
  /** Writes a new entry. @returns false if another process was first. */
  add(name: string, value: unknown): Promise<boolean>;
  remove(name: string): Promise<void>;
}

export interface EntriesOptions {
  readonly folder: string;
  /** Called once per process if entries cannot be written. */
  readonly onWarning?: ((message: string) => void) | undefined;
}

/** Entries that could not be written, by folder; shared by all records of this process. */
const unwritten = new Map<string, Map<string, string>>();

export function createEntries({ folder, onWarning }: EntriesOptions): Entries {
  const fallback = (error: unknown): Map<string, string> => {
    const known = unwritten.get(folder);
    if (known !== undefined) return known;
    const made = new Map<string, string>();
    unwritten.set(folder, made);
    const reason = error instanceof Error ? error.message : String(error);
    onWarning?.(
      `What you trust and train cannot be remembered in ${folder} (${reason}). ` +
        'It counts until this program ends; then you will be asked again. Make that folder writable, or name another one in AL_USER_FOLDER.',
    );
    return made;
  };
  const inMemory = (name: string): string | undefined => unwritten.get(folder)?.get(name);
  const put = async (name: string, value: unknown, onlyNew: boolean): Promise<void> => {
    const path = join(folder, name);
    await makePrivate(folder, dirname(path));
    await writeAtomic(path, `${JSON.stringify(value)}\n`, { mode: privateFile, onlyNew });
  };
  return {
    async read(name) {
      const text = inMemory(name) ?? (await readFile(join(folder, name), 'utf8').catch(() => null));
      return text === null ? null : parsed(text);
    },
    async write(name, value) {
      try {
        await put(name, value, false);
        unwritten.get(folder)?.delete(name);
      } catch (error) {
        fallback(error).set(name, JSON.stringify(value));
      }
    },
    async add(name, value) {
      if (inMemory(name) !== undefined) return false;
      try {
        await put(name, value, true);
        return true;
      } catch (error) {
        if (errorCode(error) === 'EEXIST') return false;
        fallback(error).set(name, JSON.stringify(value));
        return true;
      }
    },
    async remove(name) {
      unwritten.get(folder)?.delete(name);
      await rm(join(folder, name), { force: true }).catch(() => {});
    },
  };
}

async function makePrivate(root: string, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  for (const path of [root, folder]) {
    const { mode } = await stat(path);
    // Skip a shared folder such as /tmp, which has the sticky bit.
    if (process.platform !== 'win32' && (mode & 0o077) !== 0 && (mode & 0o1000) === 0) await chmod(path, 0o700);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
