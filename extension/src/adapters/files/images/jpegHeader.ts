const startOfImage = 0xd8;
/** Baseline, extended and progressive Huffman frames; the others (lossless, arithmetic) are rare. */
const commonFrames: ReadonlySet<number> = new Set([0xc0, 0xc1, 0xc2]);

interface JpegSegment {
  readonly marker: number;
  /** Offset of the marker's FF byte. */
  readonly at: number;
}

/**
 * The segments of a JPEG (ITU-T T.81, B.1), up to the end marker or the end of the bytes. Skips bytes between segments,
 * such as the coded data after a scan header.
 */
export function* jpegSegments(bytes: Uint8Array): Generator<JpegSegment> {
  for (let at = bytes.indexOf(0xff, 2); at !== -1 && at + 1 < bytes.length;) {
    const marker = bytes[at + 1] as number;
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    // A zero after FF makes it data; restart markers and TEM have no length.
    if (marker === 0 || marker === 0x01 || (marker >= 0xd0 && marker <= startOfImage)) {
      at = bytes.indexOf(0xff, at + 2);
      continue;
    }
    yield { marker, at };
    if (marker === 0xd9) return;
    const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
    at = bytes.indexOf(0xff, at + 2 + Math.max(length, 2));
  }
}

/**
 * Whether the bytes start with a valid 8-bit JPEG header for one or three colours (ITU-T T.81, B.2.2), as in nearly all
 * JPEGs. False for CMYK, 12 bits, or damage before the frame header.
 */
export function isPlainJpeg(bytes: Uint8Array): boolean {
  if (bytes[0] !== 0xff || bytes[1] !== startOfImage) return false;
  for (let at = 2; at + 9 < bytes.length;) {
    if (bytes[at] !== 0xff) return false;
    const marker = bytes[at + 1] as number;
    // Any number of FF bytes may precede a marker.
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    if (commonFrames.has(marker)) {
      const components = bytes[at + 9];
      return bytes[at + 4] === 8 && (components === 1 || components === 3);
    }
    // Tables, comments and application data contain their length; nothing else is valid before the frame.
    if (marker !== 0xc4 && marker !== 0xdb && marker !== 0xdd && marker !== 0xfe && (marker & 0xf0) !== 0xe0)
      return false;
    at += 2 + (((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number));
  }
  return false;
}
