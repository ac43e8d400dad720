import { AppError } from '../../core/errors.ts';
import { errorCode } from '../../core/systemErrors.ts';

/**
 * Why vectors could not be kept. `vector-invalid`: not what a model of that space gives. `disk-full`, `write-failed`,
 * `read-failed`: the cache folder; vectors are computed again when they are missing.
 */
export type EmbeddingErrorCode = 'vector-invalid' | 'disk-full' | 'write-failed' | 'read-failed';

/** The cache of embeddings cannot be used. */
export class EmbeddingError extends AppError<EmbeddingErrorCode> {}

/** Whether the system says that a file is not there. */
export function isMissing(error: unknown): boolean {
  return errorCode(error) === 'ENOENT';
}

/** What went wrong with a file of the cache, for a person. */
export function fileError(error: unknown, path: string, doing: 'read' | 'write'): EmbeddingError {
  if (error instanceof EmbeddingError) return error;
  const code = errorCode(error);
  const options = { where: path, cause: error };
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new EmbeddingError(
      'disk-full',
      `No space is left for the embeddings in ${path}.`,
      'Free some space; what was computed before is kept.',
      options,
    );
  }
  return new EmbeddingError(
    doing === 'write' ? 'write-failed' : 'read-failed',
    `The embeddings in ${path} cannot be ${doing === 'write' ? 'written' : 'read'} (${code || String(error)}).`,
    'Check that you may read and write the folder. It is a cache: it may be deleted.',
    options,
  );
}
