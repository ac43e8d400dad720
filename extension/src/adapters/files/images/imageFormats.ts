/** A supported image format. */
export type ImageFormat = 'jpeg' | 'png' | 'webp' | 'avif' | 'tiff' | 'bmp';

/** File extensions of supported images (lower case, without the dot). */
const readableExtensions: ReadonlySet<string> = new Set(['jpg', 'jpeg', 'png', 'webp', 'avif', 'tif', 'tiff', 'bmp']);

const unsupportedReasons: Readonly<Record<string, string>> = {
  dng: 'it is camera raw data, whose colours depend on the developer that is used',
  heic: 'its HEVC compression is covered by patents and has no free decoder here',
  heif: 'its HEVC compression is covered by patents and has no free decoder here',
  jp2: 'there is no JPEG 2000 decoder here',
  mpo: 'it holds several pictures in one file',
  gif: 'it may hold an animation, and Ultralytics does not train on it',
};

/** The extension of a file name in lower case, without the dot; empty if there is none. */
export function extensionOf(fileName: string): string {
  const base = fileName.slice(Math.max(fileName.lastIndexOf('/'), fileName.lastIndexOf('\\')) + 1);
  const dot = base.lastIndexOf('.');
  return dot <= 0 ? '' : base.slice(dot + 1).toLowerCase();
}

/** Whether the name has the extension of a supported image: JPEG, PNG, WebP, AVIF, TIFF or BMP. */
export function isReadableImageName(fileName: string): boolean {
  return readableExtensions.has(extensionOf(fileName));
}

/** Why an image with this name is unsupported; `null` for supported images and for other files. */
export function unsupportedReason(fileName: string): string | null {
  return unsupportedReasons[extensionOf(fileName)] ?? null;
}

/** The hint for unsupported formats. */
export const convertHint = 'Convert it to PNG or JPEG (JPEG, PNG, WebP, AVIF, TIFF and BMP are read).';

function ascii(bytes: Uint8Array, start: number, text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    if (bytes[start + i] !== text.charCodeAt(i)) return false;
  }
  return true;
}

/** Detects the format by the first bytes (at least 32 for AVIF); `null` for an unsupported format. */
export function sniffFormat(bytes: Uint8Array): ImageFormat | null {
  if (bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff) return 'jpeg';
  if (bytes[0] === 0x89 && ascii(bytes, 1, 'PNG\r\n\u001a\n')) return 'png';
  if (ascii(bytes, 0, 'RIFF') && ascii(bytes, 8, 'WEBP')) return 'webp';
  if (ascii(bytes, 0, 'II*\0') || ascii(bytes, 0, 'MM\0*')) return 'tiff';
  if (ascii(bytes, 0, 'II+\0') || ascii(bytes, 0, 'MM\0+')) return 'tiff';
  if (ascii(bytes, 4, 'ftyp')) return isAvif(bytes) ? 'avif' : null;
  if (ascii(bytes, 0, 'BM')) return 'bmp';
  return null;
}

/** ISO/IEC 23000-22: `avif` or `avis` as the major brand or among the compatible brands of the `ftyp` box. */
function isAvif(bytes: Uint8Array): boolean {
  const boxEnd = ((bytes[0] ?? 0) << 24) | ((bytes[1] ?? 0) << 16) | ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
  for (let at = 8; at + 4 <= Math.min(boxEnd, bytes.length); at += 4) {
    if (at !== 12 && (ascii(bytes, at, 'avif') || ascii(bytes, at, 'avis'))) return true;
  }
  return false;
}
