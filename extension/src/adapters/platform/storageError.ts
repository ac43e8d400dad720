import { AppError } from '../../core/errors.ts';

/** The folder `.active-learning` cannot be used. */
export class StorageError extends AppError<'storage-link' | 'storage-not-a-folder' | 'storage-unwritable'> {}
