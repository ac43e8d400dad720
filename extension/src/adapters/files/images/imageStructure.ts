import { crc32 } from 'node:zlib';
import type { ImageFormat } from './imageFormats.ts';

/** A defect in the container of an image: it is truncated, or a part of it is damaged. */
export type StructureFlaw = { readonly kind: 'truncated' } | { readonly kind: 'damaged'; readonly reason: string };

/**
 * Checks the structure of a file, for formats whose structure reveals damage. Ultralytics skips images that fail this
 * check, even if their pixels decode. Messages of decoders are unreliable when several images are decoded at once.
 */
export function structureFlaw(format: ImageFormat, bytes: Uint8Array): StructureFlaw | null {
  switch (format) {
    case 'png':
      return pngFlaw(bytes);
    case 'webp':
      // Compare with the file length in the RIFF header.
      return viewOf(bytes).getUint32(4, true) + 8 > bytes.length ? { kind: 'truncated' } : null;
    case 'avif':
      return avifFlaw(bytes);
    default:
      return null;
  }
}

/** PNG, 5.3: length, type, data, checksum. Ignores the checksum of IEND, which covers no data. */
function pngFlaw(bytes: Uint8Array): StructureFlaw | null {
  const view = viewOf(bytes);
  for (let at = 8; ;) {
    if (at + 8 > bytes.length) return { kind: 'truncated' };
    const type = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    if (!/^[A-Za-z]{4}$/.test(type))
      return { kind: 'damaged', reason: `there is no chunk where one begins, at byte ${at}` };
    if (type === 'IEND') return null;
    const end = at + 8 + view.getUint32(at);
    if (end + 4 > bytes.length) return { kind: 'truncated' };
    if (crc32(bytes.subarray(at + 4, end)) !== view.getUint32(end)) {
      return { kind: 'damaged', reason: `the checksum of its ${type} chunk at byte ${at} is wrong` };
    }
    at = end + 4;
  }
}

/**
 * Whether the EXIF data of a WebP begins with `Exif`, as in a JPEG. OpenCV then ignores it and does not rotate the
 * image.
 */
export function hasPrefixedExif(webp: Uint8Array): boolean {
  const view = viewOf(webp);
  for (
    let at = 12;
    at + 12 <= webp.length;
    at += 8 + view.getUint32(at + 4, true) + (view.getUint32(at + 4, true) % 2)
  ) {
    if (view.getUint32(at) === fourLetters('EXIF')) return view.getUint32(at + 8) === fourLetters('Exif');
  }
  return false;
}

function fourLetters(text: string): number {
  return viewOf(Buffer.from(text)).getUint32(0);
}

/** ISO/IEC 14496-12, 4.2: boxes with their size; 1 = the size follows as 64 bits, 0 = up to the end. */
function avifFlaw(bytes: Uint8Array): StructureFlaw | null {
  const view = viewOf(bytes);
  for (let at = 0; at + 8 <= bytes.length;) {
    const short = view.getUint32(at);
    if (short === 0) return null;
    if (short === 1 && at + 16 > bytes.length) return { kind: 'truncated' };
    const size = short === 1 ? Number(view.getBigUint64(at + 8)) : short;
    if (size < 8) return { kind: 'damaged', reason: `the box at byte ${at} has no size` };
    if (at + size > bytes.length) return { kind: 'truncated' };
    at += size;
  }
  return null;
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
