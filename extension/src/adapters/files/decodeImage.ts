import { readFile } from 'node:fs/promises';
import sharp from 'sharp';
import { decodeBmp } from './decodeBmp.ts';
import { ImageError } from './imageError.ts';
import { convertHint, extensionOf, sniffFormat } from './imageFormats.ts';
import { isPlainJpeg } from './jpegHeader.ts';

/** Pixels of an image: 8-bit RGB, interleaved, rows from the top, `data.length = width * height * 3`. */
export interface RgbImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

const replaceHint = 'Copy the file again from its source, or remove it.';

/**
 * Reads and decodes an image file as Ultralytics does (`cv2.imread`): EXIF orientation applied, colour profiles
 * ignored, alpha dropped, 16 bits cut to their high byte, grayscale spread to three channels, CMYK by OpenCV's formula.
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
    bytes = await readFile(path);
  } catch (cause) {
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

/**
 * Decodes the bytes of an image file; see `decodeRgb`. `path` is only named in errors.
 * @throws ImageError `truncated`, `broken`, `unsupported-format`, `too-large`.
 */
export async function decodeRgbBytes(bytes: Uint8Array, path: string): Promise<RgbImage> {
  const format = sniffFormat(bytes);
  if (format === null) {
    throw new ImageError(
      'unsupported-format',
      `The content of ${path} is no image that is read here, whatever its extension .${extensionOf(path)} says.`,
      convertHint,
      { where: path },
    );
  }
  if (format === 'bmp') return decodeBmp(bytes, path);
  if (format === 'webp' && riffLength(bytes) > bytes.length) throw truncated(path);
  try {
    return await decodeWithSharp(bytes, path, 'error');
  } catch (error) {
    const failure = error instanceof ImageError ? error : describe(error, path);
    if (format !== 'jpeg' || failure.code !== 'truncated') throw failure;
    return decodeUnendedJpeg(bytes, path, failure);
  }
}

/** A JPEG that lacks nothing but its end marker decodes once it has one; one that lacks pixels warns even then. */
async function decodeUnendedJpeg(bytes: Uint8Array, path: string, failure: ImageError): Promise<RgbImage> {
  const ended = new Uint8Array(bytes.length + 2);
  ended.set(bytes);
  ended.set([0xff, 0xd9], bytes.length);
  try {
    return await decodeWithSharp(ended, path, 'warning');
  } catch {
    throw failure;
  }
}

/** The length of the file by its RIFF header. */
function riffLength(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength).getUint32(4, true) + 8;
}

/** What sharp would say of one. */
const plainJpeg = { space: 'srgb', depth: 'uchar' };

async function decodeWithSharp(bytes: Uint8Array, path: string, failOn: 'error' | 'warning'): Promise<RgbImage> {
  const image = sharp(bytes, { ignoreIcc: true, failOn });
  // Opening the file a second time costs a tenth of its decoding, in WebAssembly a fifth.
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
  const upright = image.autoOrient();
  const pipeline = cmyk
    ? upright.pipelineColourspace('cmyk').toColourspace('cmyk')
    : upright.removeAlpha().toColourspace('srgb');
  const { data, info } = await pipeline.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  const { width, height, channels } = info;
  if (cmyk && channels >= 4) return { data: cmykToRgb(data, width * height, channels), width, height };
  if (channels !== 3) {
    throw new ImageError('unsupported-format', `The image ${path} decodes to ${channels} channels.`, convertHint, {
      where: path,
    });
  }
  return { data: new Uint8Array(data.buffer, data.byteOffset, data.byteLength), width, height };
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

function truncated(path: string, cause?: unknown): ImageError {
  return new ImageError(
    'truncated',
    `The image ${path} is truncated: the file ends before the picture does.`,
    replaceHint,
    { where: path, cause },
  );
}

function describe(error: unknown, path: string): ImageError {
  const text = error instanceof Error ? error.message : String(error);
  const reason =
    (text.split('\n')[0] ?? '').replace(/^Input buffer has corrupt header:?/, '').trim() || 'damaged header';
  if (/pixel limit/i.test(reason)) {
    return new ImageError('too-large', `The image ${path} has too many pixels (${reason}).`, 'Cut or shrink it.', {
      where: path,
      cause: error,
    });
  }
  if (/premature end|truncated|unexpected end|end of (file|stream|data)|read error|bad seek/i.test(text)) {
    return truncated(path, error);
  }
  const message = `The image ${path} cannot be decoded: it is damaged or cut short (${reason}).`;
  return new ImageError('broken', message, replaceHint, { where: path, cause: error });
}
