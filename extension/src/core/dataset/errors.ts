import { AppError } from '../errors.ts';

/** Why a dataset cannot be used. */
export type DatasetErrorCode =
  | 'description-missing'
  | 'description-unreadable'
  | 'encoding-unknown'
  | 'file-too-large'
  | 'not-a-file'
  | 'yaml-syntax'
  | 'yaml-not-a-map'
  | 'names-missing'
  | 'names-invalid'
  | 'names-gap'
  | 'names-count'
  | 'nc-invalid'
  | 'too-many-classes'
  | 'key-unknown'
  | 'path-invalid'
  | 'task-unsupported'
  | 'train-missing'
  | 'split-invalid'
  | 'split-missing'
  | 'split-empty'
  | 'split-incomplete'
  | 'validation-is-training'
  | 'folder-refused'
  | 'folder-missing'
  | 'no-images'
  | 'box-invalid'
  | 'row-missing'
  | 'reader-failed'
  | 'cancelled';

/** A dataset or its description cannot be used; `where` is the file or folder. */
export class DatasetError extends AppError<DatasetErrorCode> {}

/**
 * Why a label file cannot be read or written.
 * `changed-outside`: its content is not what was expected; nothing was written.
 * `not-flushed`: it has the new content, but a power cut may still undo it.
 */
export type LabelErrorCode =
  | 'read-only'
  | 'disk-full'
  | 'changed-outside'
  | 'unreadable'
  | 'write-failed'
  | 'not-flushed'
  | 'outside-root';

/**
 * A label file cannot be read or written; `where` is its absolute path. The old file is intact, except with `not-flushed`:
 * then the new one is.
 */
export class LabelError extends AppError<LabelErrorCode> {}
