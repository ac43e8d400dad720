import { AppError } from '../../../core/errors.ts';

/**
 * Why an image file cannot be used.
 * `missing`: no such file; `unreadable-file`: the system refuses to read it; `empty`: zero bytes;
 * `truncated`: the file ends in the middle of the picture; `broken`: the content is damaged;
 * `unsupported-format`: an unsupported format; `not-fetched`: a pointer of Git LFS or git-annex;
 * `too-small`, `too-large`: the size in pixels.
 */
export type ImageErrorCode =
  | 'missing'
  | 'unreadable-file'
  | 'empty'
  | 'truncated'
  | 'broken'
  | 'unsupported-format'
  | 'not-fetched'
  | 'too-small'
  | 'too-large';

/** A failure to read one image file; `where` is its absolute path. */
export class ImageError extends AppError<ImageErrorCode> {}

/** Pillow rejects larger images (twice its `MAX_IMAGE_PIXELS`), and Ultralytics then skips them. */
export const maxPixels = 178_956_970;

export function tooLarge(where: string, cause?: unknown): ImageError {
  return new ImageError(
    'too-large',
    `The image ${where} has more than ${maxPixels} pixels; Ultralytics leaves out images of that size.`,
    'Cut it into tiles, or shrink it.',
    { where, ...(cause === undefined ? {} : { cause }) },
  );
}
