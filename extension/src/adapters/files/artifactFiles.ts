import { createHash } from 'node:crypto';
import { constants, createReadStream } from 'node:fs';
import { access, copyFile, lstat, mkdir, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { join, resolve, sep } from 'node:path';
import { AppError } from '../../core/errors.ts';
import type { Artifacts, ArtifactFile } from '../../workflow/ports/artifacts.ts';
import { nativePath } from '../platform/bytePaths.ts';
import { temporaryName, type UnfinishedWrites } from '../platform/temporaryFiles.ts';

export type ExportErrorCode = 'disk-full' | 'read-only' | 'export-failed';

/** A file for a person could not be written. */
export class ExportError extends AppError<ExportErrorCode> {}

/**
 * Files on disk; each is written beside its place and renamed, so that nobody meets half a model.
 * @param unfinished remembers where, so that a kill leaves nothing for long.
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
  const temporary = join(folder, temporaryName());
  try {
    const handle = await open(temporary, 'w');
    try {
      if ('copyOf' in file) {
        // The copy is for others, as the umask says: its original is private.
        const { mode } = await handle.stat();
        await copyFile(file.copyOf, temporary);
        await handle.chmod(mode & 0o777);
      }
      if ('text' in file) await handle.writeFile(file.text);
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, path);
    return path;
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

function toExportError(error: unknown, folder: string): ExportError {
  const code = error instanceof Error && 'code' in error ? error.code : undefined;
  const options = { where: folder, cause: error };
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new ExportError(
      'disk-full',
      `No space is left to export to ${folder}.`,
      'Free some space or choose another folder.',
      options,
    );
  }
  if (code === 'EACCES' || code === 'EPERM' || code === 'EROFS') {
    return new ExportError(
      'read-only',
      `The folder ${folder} cannot be written to.`,
      'Choose a folder that you may write to.',
      options,
    );
  }
  const message = error instanceof Error ? error.message : String(error);
  return new ExportError(
    'export-failed',
    `Exporting to ${folder} failed: ${message}`,
    'Check that the folder and the model files exist.',
    options,
  );
}
