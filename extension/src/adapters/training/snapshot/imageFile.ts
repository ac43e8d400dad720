import { extname } from 'node:path';
import { TrainingError } from '../../../core/session/errors.ts';
import { errorCode } from '../../../core/systemErrors.ts';
import { type FileOps } from '../../python/fileOps.ts';

/** Extensions that Ultralytics reads (`IMG_FORMATS`), without the dot. It ignores others without a message. */
const known = new Set([
  'avif',
  'bmp',
  'dng',
  'heic',
  'heif',
  'jp2',
  'jpeg',
  'jpg',
  'mpo',
  'png',
  'tif',
  'tiff',
  'webp',
]);

/** How to place an image in a snapshot. */
export interface ImagePlacement {
  /** The target of symbolic links, because a hard link to a relative link would be dead. */
  readonly realPath: string;
  /** Lower case with the dot. Matches the content, because Ultralytics selects a decoder by extension. */
  readonly extension: string;
  /**
   * The file for the trainer, chosen so that training and scoring use the same pixels:
   * `as-it-is`: the file itself, linked if possible.
   * `ended`: a copy with the end marker FF D9. Without it, Ultralytics rewrites the JPEG (in older versions through the
   * link) or skips it. The added bytes change no pixel.
   * `decoded`: its pixels as a PNG. The colours of an AVIF depend on the decoder, and older Ultralytics has none.
   */
  readonly reading: 'as-it-is' | 'ended' | 'decoded';
}

/** @throws TrainingError `dataset-invalid` if the file is absent, unreadable, empty or of an unknown format. */
export async function inspectImage(files: FileOps, absolutePath: string): Promise<ImagePlacement> {
  let realPath: string;
  let head: Buffer;
  let tail: Buffer;
  try {
    realPath = await files.realpath(absolutePath);
    const handle = await files.open(realPath, 'r');
    try {
      const { size } = await handle.stat();
      head = Buffer.alloc(Math.min(size, 32));
      tail = Buffer.alloc(Math.min(size, 2));
      await handle.read(head, 0, head.length, 0);
      await handle.read(tail, 0, tail.length, size - tail.length);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw unusable(absolutePath, errorCode(error) === 'ENOENT' ? 'is no longer there' : 'cannot be read', error);
  }
  if (head.length === 0) throw unusable(absolutePath, 'is empty');
  const format = sniff(head);
  const own = extname(absolutePath).slice(1).toLowerCase();
  if (format === 'avif') return { realPath, extension: '.png', reading: 'decoded' };
  const extension = format ?? (known.has(own) ? own : null);
  if (extension === null) throw unusable(absolutePath, 'has a format that training cannot read');
  const unended = format === 'jpg' && !(tail[0] === 0xff && tail[1] === 0xd9);
  return { realPath, extension: `.${extension}`, reading: unended ? 'ended' : 'as-it-is' };
}

function sniff(head: Buffer): string | null {
  const ascii = head.toString('latin1');
  if (head[0] === 0xff && head[1] === 0xd8) return 'jpg';
  if (ascii.startsWith('\x89PNG')) return 'png';
  if (ascii.startsWith('BM')) return 'bmp';
  if (ascii.startsWith('II*\0') || ascii.startsWith('MM\0*')) return 'tif';
  if (ascii.startsWith('RIFF') && ascii.slice(8, 12) === 'WEBP') return 'webp';
  return ascii.slice(4, 8) === 'ftyp' && /avi[fs]/.test(ascii.slice(8)) ? 'avif' : null;
}

/** The error for a labelled image that cannot be trained on. */
export function unusable(path: string, what: string, cause?: unknown): TrainingError {
  return new TrainingError(
    'dataset-invalid',
    `The labelled image ${path} ${what}.`,
    'Scan the dataset again, so that the change is noticed, then train again.',
    { where: path, ...(cause === undefined ? {} : { cause }) },
  );
}
