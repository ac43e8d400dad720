import { readFile, stat } from 'node:fs/promises';
import sharp from 'sharp';
import { fetchCommand, longestPointer, pointerKind } from '../../../core/dataset/pointerFile.ts';
import { decodeBmp } from './decodeBmp.ts';
import { nativePath } from '../../platform/bytePaths.ts';
import { ImageError, maxPixels, tooLarge } from './imageError.ts';
import { convertHint, extensionOf, sniffFormat, type ImageFormat } from './imageFormats.ts';
import { hasPrefixedExif, structureFlaw } from './imageStructure.ts';
import { endedForms, isEndedJpeg } from './jpegEnd.ts';
import { isPlainJpeg } from './jpegHeader.ts';
import { readTiffTags, type TiffTags } from './tiffTags.ts';

/** Pixels of an image: 8-bit RGB, interleaved, rows from the top, `data.length = width * height * 3`. */
export interface RgbImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const replaceHint = 'Copy the file again from its source, or remove it.';

/**
 * Reads and decodes an image file as Ultralytics does (`cv2.imread`): applies the EXIF orientation, ignores colour
 * profiles, drops alpha (blends it with black in an 8-bit RGB TIFF), keeps the high byte of 16 bits, copies grayscale to
 * three channels, converts CMYK with OpenCV's formula. AVIF colours depend on the decoder, so the trainer gets PNG copies.
 * @throws ImageError for every failure; `where` is the path.
 */
export async function decodeRgb(path: string): Promise<RgbImage> {
  return decodeRgbBytes(await readImageFile(path), path);
}

/**
 * Reads the bytes of an image file.
 * @throws ImageError `missing`, `unreadable-file`, `empty`.
 */
export async function readImageFile(path: string): Promise<Uint8Array> {
  let bytes: Uint8Array;
  try {
    // Open only regular files; a FIFO would block.
    if (!(await stat(nativePath(path))).isFile()) throw notAFile(path);
    bytes = await readFile(nativePath(path));
  } catch (cause) {
    if (cause instanceof ImageError) throw cause;
    const code = (cause as NodeJS.ErrnoException).code ?? 'unknown';
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      throw new ImageError('missing', `There is no image ${path}.`, 'Rescan the dataset.', { where: path, cause });
    }
    throw new ImageError(
      'unreadable-file',
      `The image ${path} cannot be read (${code}).`,
      'Check the permissions of the file and its folder.',
      { where: path, cause },
    );
  }
  if (bytes.length === 0) {
    throw new ImageError('empty', `The image ${path} is empty (zero bytes).`, replaceHint, { where: path });
  }
  return bytes;
}

function notAFile(path: string): ImageError {
  return new ImageError(
    'unreadable-file',
    `The image ${path} cannot be read: it is a folder, pipe or device, not a file.`,
    'Put an image in its place, or remove it; then rescan.',
    { where: path },
  );
}

/** Rejects a pointer file, which Git LFS or git-annex puts in place of an image until its content is fetched. */
function requireContent(bytes: Uint8Array, path: string): void {
  if (bytes.length > longestPointer) return;
  const kind = pointerKind(Buffer.from(bytes).toString('latin1'));
  if (kind === null) return;
  throw new ImageError(
    'not-fetched',
    `The image ${path} is a pointer that ${kind} left in its place; its content was not fetched.`,
    `Run "${fetchCommand[kind]}" in the repository, then rescan.`,
    { where: path },
  );
}

/**
 * Decodes the bytes of an image file; see `decodeRgb`. `path` is only for errors.
 * @throws ImageError `truncated`, `broken`, `unsupported-format`, `not-fetched`, `too-large`.
 */
export async function decodeRgbBytes(bytes: Uint8Array, path: string): Promise<RgbImage> {
  const format = sniffFormat(bytes);
  if (format === null) {
    requireContent(bytes, path);
    throw new ImageError(
      'unsupported-format',
      `The content of ${path} is no image that is read here, whatever its extension .${extensionOf(path)} says.`,
      convertHint,
      { where: path },
    );
  }
  if (format === 'bmp') return decodeBmp(bytes, path);
  const flaw = structureFlaw(format, bytes);
  if (flaw?.kind === 'truncated') throw truncated(path);
  if (flaw) throw damaged(path, flaw.reason);
  if (format === 'jpeg' && !isEndedJpeg(bytes)) return decodeUnendedJpeg(bytes, path);
  return decodeEnded(bytes, path, format);
}

async function decodeEnded(bytes: Uint8Array, path: string, format: ImageFormat): Promise<RgbImage> {
  const tiff = format === 'tiff' ? readTiffTags(bytes) : null;
  if (tiff !== null && !isTiffColour(tiff)) {
    throw new ImageError(
      'unsupported-format',
      `The TIFF ${path} is not grayscale, RGB, CMYK or of a palette (photometric interpretation ${tiff.photometric}).`,
      convertHint,
      { where: path },
    );
  }
  try {
    return await decodeWithSharp(bytes, path, {
      blackened: tiff !== null && isBlackened(tiff),
      upright: format !== 'webp' || !hasPrefixedExif(bytes),
    });
  } catch (error) {
    throw error instanceof ImageError ? error : describe(error, path);
  }
}

/** Accepts white-is-zero, black-is-zero, RGB, palette, CMYK, and YCbCr only as JPEG, whose decoder returns RGB. */
function isTiffColour({ photometric = 1, compression }: TiffTags): boolean {
  return [0, 1, 2, 3, 5].includes(photometric) || (photometric === 6 && compression === 7);
}

/** Whether OpenCV (through libtiff) blends the colours with black: in RGB TIFFs with 8 bits and unassociated alpha. */
function isBlackened({ bits, photometric, samples = 1, extraSample }: TiffTags): boolean {
  return bits === 8 && photometric === 2 && samples > 3 && extraSample === 2;
}

/** Checks only pixels: libvips' messages about a missing end marker depend on other images decoded at the same time. */
async function decodeUnendedJpeg(bytes: Uint8Array, path: string): Promise<RgbImage> {
  let whole: RgbImage | null = null;
  for (const form of endedForms(bytes)) {
    const image = await decodeEnded(form, path, 'jpeg');
    if (whole !== null && Buffer.compare(image.data, whole.data) !== 0) throw truncated(path);
    whole ??= image;
  }
  if (whole !== null) return whole;
  throw truncated(path);
}

/** The metadata that sharp returns for a plain JPEG. */
const plainJpeg = { space: 'srgb', depth: 'uchar' };

interface Reading {
  /** Whether colours are blended with black according to alpha. */
  readonly blackened: boolean;
  /** Whether to apply the EXIF orientation. */
  readonly upright: boolean;
}

async function decodeWithSharp(
  bytes: Uint8Array,
  path: string,
  { blackened, upright: turns }: Reading,
): Promise<RgbImage> {
  const image = sharp(bytes, { ignoreIcc: true, failOn: 'error', limitInputPixels: maxPixels });
  // Skip `metadata` if possible: it takes a tenth of the decoding time, in WebAssembly a fifth.
  const { space, depth } = isPlainJpeg(bytes) ? plainJpeg : await image.metadata();
  if (depth !== 'uchar' && depth !== 'ushort') {
    throw new ImageError(
      'unsupported-format',
      `The samples of ${path} are of kind ${depth}, not 8 or 16 bits.`,
      convertHint,
      {
        where: path,
      },
    );
  }
  const cmyk = space === 'cmyk';
  const upright = turns ? image.autoOrient() : image;
  const pipeline = cmyk
    ? upright.pipelineColourspace('cmyk').toColourspace('cmyk')
    : (blackened ? upright : upright.removeAlpha()).toColourspace('srgb');
  const { data, info } = await pipeline.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (cmyk && channels >= 4) return { data: cmykToRgb(data, width * height, channels), width, height };
  if (blackened && channels >= 4) return { data: onBlack(data, width * height, channels), width, height };
  if (channels !== 3) {
    throw new ImageError('unsupported-format', `The image ${path} decodes to ${channels} channels.`, convertHint, {
      where: path,
    });
  }
  // Return this object, not a view: the WebAssembly build reuses its memory after garbage collection despite views.
  return { data, width, height };
}

/** libtiff's formula for unassociated alpha (`BuildMapUaToAa`). */
function onBlack(rgba: Uint8Array, pixels: number, channels: number): Uint8Array {
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const alpha = rgba[i * channels + 3] ?? 0;
    for (let c = 0; c < 3; c++) {
      rgb[i * 3 + c] = Math.floor(((rgba[i * channels + c] ?? 0) * alpha + 127) / 255);
    }
  }
  return rgb;
}

/** OpenCV's integer formula (`icvCvt_CMYK2BGR_8u_C4C3R`), on ink amounts (0 = no ink). */
function cmykToRgb(cmyk: Uint8Array, pixels: number, channels: number): Uint8Array {
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const light = 255 - (cmyk[i * channels + 3] ?? 0);
    for (let c = 0; c < 3; c++) {
      rgb[i * 3 + c] = light - (((cmyk[i * channels + c] ?? 0) * light) >> 8);
    }
  }
  return rgb;
}

function truncated(path: string): ImageError {
  return new ImageError(
    'truncated',
    `The image ${path} is truncated: the file ends before the picture does.`,
    replaceHint,
    { where: path },
  );
}

function damaged(path: string, reason: string): ImageError {
  return new ImageError('broken', `The image ${path} is damaged: ${reason}.`, replaceHint, { where: path });
}

/** Checks sharp's message. Messages of libvips would be unreliable: they belong to the image that failed last. */
function isTooLarge(error: unknown): boolean {
  return error instanceof Error && /pixel limit/i.test(error.message);
}

function describe(error: unknown, path: string): ImageError {
  if (isTooLarge(error)) return tooLarge(path, error);
  const message = `The image ${path} cannot be decoded: it is damaged or cut short.`;
  return new ImageError('broken', message, replaceHint, { where: path, cause: error });
}
