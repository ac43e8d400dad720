import { dirname, join, resolve } from 'node:path';
import { LabelError } from '../../core/dataset/errors.ts';
import { writeFileAtomic } from './atomicFile.ts';
import { isMissing } from '../platform/fileErrors.ts';
import { privateFileSystem } from '../platform/fileSystem.ts';
import { toLabelWriteError, toReadError, type LabelFs } from './labelFs.ts';
import { hashOf } from './labelText.ts';
import { sweepFolder } from '../platform/temporaryFiles.ts';
import { createKeyedQueue } from '../../core/concurrency.ts';
import { refuseLinks } from '../platform/privateFiles.ts';

/** A line of `manifest.jsonl`. */
export interface BackupEntry {
  /** Absolute path of the label file. */
  readonly original: string;
  /** Relative to the backup folder, POSIX; `null` when there was no file before the first write. */
  readonly backup: string | null;
  /** SHA-256, hex, of the copy. */
  readonly sha256: string | null;
  /** ISO 8601, UTC. */
  readonly savedAt: string;
}

/** Keeps what label files held before they were first changed. */
export interface Backups {
  /** Call before the file changes; `bytes` is what it holds, `null` when it does not exist. Only the first call of a path does something. */
  keep(path: string, bytes: Uint8Array | null): Promise<void>;
  /** Removes what processes left that were killed while they copied this file. */
  tidy(path: string): Promise<void>;
}

/** Where the copy of a file lies below the backup folder: its whole absolute path, the colon of a drive left out. */
function mirroredPath(path: string): string {
  return [
    'files',
    ...resolve(path)
      .split(/[\\/]/u)
      .filter((part) => part !== ''),
  ]
    .join('/')
    .replace(/^files\/([A-Za-z]):/u, 'files/$1');
}

/**
 * Backups in a folder: `files/<absolute path>` and `manifest.jsonl`, which also names the files that were not there,
 * so that a later window does not take the product's own text for the user's.
 */
export function createBackups(folder: string, given: LabelFs): Backups {
  const fs = privateFileSystem(given);
  const storage = dirname(dirname(folder));
  const manifest = join(folder, 'manifest.jsonl');
  const inTurn = createKeyedQueue();
  let known: Promise<Set<string>> | null = null;
  return {
    tidy: (path) => sweepFolder(dirname(join(folder, mirroredPath(path)))),
    async keep(path, bytes) {
      const original = resolve(path);
      if ((await (known ??= readManifest(manifest, fs))).has(original)) return;
      // Looked at again inside: another write to the manifest may have been waited for.
      await inTurn('manifest', async () => {
        const seen = await (known ??= readManifest(manifest, fs));
        if (seen.has(original)) return;
        const backup = bytes === null ? null : mirroredPath(original);
        refuseLinks(storage, manifest);
        if (backup !== null) refuseLinks(storage, join(folder, backup));
        if (bytes !== null && backup !== null) await writeFileAtomic(join(folder, backup), bytes, fs);
        const sha256 = bytes === null ? null : hashOf(bytes);
        await append(manifest, { original, backup, sha256, savedAt: new Date().toISOString() }, fs);
        seen.add(original);
      }).catch((error: unknown) => {
        // What is on disk decides; read it again next time.
        known = null;
        // What failed is the copy: the label file itself was not touched yet.
        throw error instanceof LabelError && error.code === 'not-flushed'
          ? toLabelWriteError(error.cause, original)
          : error;
      });
    },
  };
}

async function readManifest(path: string, fs: LabelFs): Promise<Set<string>> {
  try {
    const text = Buffer.from(await fs.readFile(path, Number.POSITIVE_INFINITY)).toString('utf8');
    return new Set(text.split('\n').flatMap(originalOf));
  } catch (error) {
    if (isMissing(error)) return new Set();
    throw toReadError(error, path);
  }
}

/** A line that a crash cut short names nothing. */
function originalOf(line: string): string[] {
  try {
    const { original } = JSON.parse(line) as Partial<BackupEntry>;
    return typeof original === 'string' ? [original] : [];
  } catch {
    return [];
  }
}

async function append(path: string, entry: BackupEntry, fs: LabelFs): Promise<void> {
  try {
    await fs.mkdir(join(path, '..'), { recursive: true });
    const file = await fs.open(path, 'a');
    try {
      // The newline in front ends a line that a crash may have cut short; readers skip the empty ones.
      await file.writeFile(Buffer.from(`\n${JSON.stringify(entry)}\n`));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw toLabelWriteError(error, path);
  }
}
