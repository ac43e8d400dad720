import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, copyFile, lstat, mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { AppError } from '../../core/errors.ts';
import type { Artifacts, ArtifactFile } from '../../workflow/ports/artifacts.ts';
import { nativePath } from '../platform/bytePaths.ts';
import { writeAtomic, type FileContent } from '../platform/atomicWrite.ts';
import { toWriteError } from '../platform/fileErrors.ts';
import type { UnfinishedWrites } from '../platform/temporaryFiles.ts';

export type ExportErrorCode = 'disk-full' | 'read-only' | 'export-failed';

/** A file for the user could not be written. */
class ExportError extends AppError<ExportErrorCode> {}

/**
 * Writes artifacts to disk atomically, so that no reader sees a partial model.
 * @param unfinished records the folders being written, so that the next start removes the files of a killed process.
 */
export function createArtifacts(unfinished?: UnfinishedWrites): Artifacts {
  return {
    sizeBytes: async (path) => (await stat(path)).size,
    exists: (path) =>
      access(nativePath(path), constants.F_OK).then(
        () => true,
        () => false,
      ),
    readText: (path) => readFile(path, 'utf8'),
    async isFileIn(folder, path) {
      try {
        const real = await realpath(path);
        return (await lstat(path)).isFile() && real.startsWith((await realpath(folder)) + sep);
      } catch {
        return false;
      }
    },
    async digest(path) {
      const hash = createHash('sha256');
      for await (const chunk of createReadStream(path)) hash.update(chunk as Buffer);
      return hash.digest('hex');
    },
    async publish(folder, files) {
      const target = resolve(folder);
      try {
        await mkdir(target, { recursive: true });
        const publish = async (): Promise<string[]> => {
          const written: string[] = [];
          for (const file of files) written.push(await publishOne(target, file));
          return written;
        };
        return await (unfinished === undefined ? publish() : unfinished.during(target, publish));
      } catch (error) {
        throw toExportError(error, target);
      }
    },
  };
}

async function publishOne(folder: string, file: ArtifactFile): Promise<string> {
  const path = join(folder, file.name);
  await writeAtomic(path, 'text' in file ? file.text : copyOf(file.copyOf));
  return path;
}

/** Copies a private file for others: the umask decides its permissions. */
function copyOf(original: string): FileContent {
  return async (file, temporary) => {
    const { mode } = await stat(temporary);
    await copyFile(original, temporary);
    await file.chmod(mode & 0o777);
  };
}

function toExportError(error: unknown, folder: string): ExportError {
  const reason = error instanceof Error ? error.message : String(error);
  return toWriteError(ExportError, error, folder, {
    'disk-full': ['disk-full', `No space is left to export to ${folder}.`, 'Free some space or choose another folder.'],
    'read-only': ['read-only', `The folder ${folder} cannot be written to.`, 'Choose a folder that you may write to.'],
    other: [
      'export-failed',
      `Exporting to ${folder} failed: ${reason}`,
      'Check that the folder and the model files exist.',
    ],
  });
}
