import { AppError } from '../../core/errors.ts';
import { errorCode } from '../../core/systemErrors.ts';
import { toWriteError } from '../platform/fileErrors.ts';

/**
 * Why vectors could not be kept. `vector-invalid`: not what a model of that space gives. `disk-full`, `write-failed`,
 * `read-failed`: the cache folder; vectors are computed again when they are missing.
 */
export type EmbeddingErrorCode = 'vector-invalid' | 'disk-full' | 'write-failed' | 'read-failed';

/** The cache of embeddings cannot be used. */
export class EmbeddingError extends AppError<EmbeddingErrorCode> {}

/** A failed access to a file of the cache in words. */
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
