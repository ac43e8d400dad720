import { AppError } from '../../core/errors.ts';
import { errorCode } from '../../core/systemErrors.ts';
import { toWriteError } from '../platform/fileErrors.ts';

/**
 * Why vectors could not be stored. `vector-invalid`: not a valid vector of the space. `disk-full`, `write-failed`,
 * `read-failed`: problems with the cache folder; missing vectors are computed again.
 */
export type EmbeddingErrorCode = 'vector-invalid' | 'disk-full' | 'write-failed' | 'read-failed';

/** The cache of embeddings cannot be used. */
export class EmbeddingError extends AppError<EmbeddingErrorCode> {}

/** Converts a failed access to a cache file to an `EmbeddingError`. */
export function fileError(error: unknown, path: string, access: 'read' | 'write'): EmbeddingError {
  const failed = [
    access === 'write' ? 'write-failed' : 'read-failed',
    `The embeddings in ${path} cannot be ${access === 'write' ? 'written' : 'read'} (${errorCode(error) || String(error)}).`,
    'Check that you may read and write the folder. It is a cache: it may be deleted.',
  ] as const;
  return toWriteError(EmbeddingError, error, path, {
    'disk-full': [
      'disk-full',
      `No space is left for the embeddings in ${path}.`,
      'Free some space; what was computed before is kept.',
    ],
    'read-only': failed,
    other: failed,
  });
}
