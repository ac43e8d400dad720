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
  /** Relative to the backup folder, POSIX; `null` if there was no file before the first write. */
  readonly backup: string | null;
  /** SHA-256, hex, of the copy. */
  readonly sha256: string | null;
  /** ISO 8601, UTC. */
  readonly savedAt: string;
}

/** Keeps the original contents of label files. */
export interface Backups {
  /** Call before a change. `bytes` is the content, `null` if there is no file. Only the first call for a path has an effect. */
  keep(path: string, bytes: Uint8Array | null): Promise<void>;
  /** Removes temporary files of processes that were killed while copying this file. */
  tidy(path: string): Promise<void>;
}

/** The path of a copy below the backup folder: the absolute path of the file, without the colon of a drive. */
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
 * Backups in a folder: `files/<absolute path>` and `manifest.jsonl`, which also lists files that did not exist, so that
 * a later window does not mistake the product's text for the user's.
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
      // Check again: this call may have waited for another write to the manifest.
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
        // The manifest on disk is authoritative; read it again next time.
        known = null;
        // Only the copy failed: the label file is unchanged.
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

/** The path in a manifest line; none if a crash left the line incomplete. */
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
      // The leading newline ends a line that a crash left incomplete; readers skip empty lines.
      await file.writeFile(Buffer.from(`\n${JSON.stringify(entry)}\n`));
      await file.sync();
    } finally {
      await file.close();
    }
  } catch (error) {
    throw toLabelWriteError(error, path);
  }
}
