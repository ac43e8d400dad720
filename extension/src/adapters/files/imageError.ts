import { AppError } from '../../core/errors.ts';

/**
 * Why an image file cannot be used.
 * `missing`: no such file; `unreadable-file`: the system refuses to read it; `empty`: zero bytes;
 * `truncated`: the file ends in the middle of the picture; `broken`: the content is damaged;
 * `unsupported-format`: a format that is not read; `too-small`, `too-large`: its size in pixels.
 */
export type ImageErrorCode =
  | 'missing'
  | 'unreadable-file'
  | 'empty'
  | 'truncated'
  | 'broken'
  | 'unsupported-format'
  | 'too-small'
  | 'too-large';

/** A failure to read one image file; `where` is its absolute path. */
export class ImageError extends AppError<ImageErrorCode> {}
