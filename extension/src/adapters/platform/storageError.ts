import { AppError } from '../../core/errors.ts';

/** Something in the way in the folder `.active-learning`. */
export class StorageError extends AppError<'storage-link' | 'storage-not-a-folder' | 'storage-unwritable'> {}
