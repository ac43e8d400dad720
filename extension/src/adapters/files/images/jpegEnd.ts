import { jpegSegments } from './jpegHeader.ts';

/** Coefficients per block. */
const coefficients = 64;

/** Whether a JPEG contains its end marker (FF D9) as a segment. Bytes may follow the marker. */
export function isEndedJpeg(bytes: Uint8Array): boolean {
  if (bytes.at(-2) === 0xff && bytes.at(-1) === 0xd9) return true;
  for (const { marker } of jpegSegments(bytes)) if (marker === 0xd9) return true;
  return false;
}

/**
 * Variants of a JPEG without an end marker: with the marker, and with different filler bytes before it. The JPEG is
 * complete if all variants have the same pixels, since a decoder reads filler in place of missing data. (libvips does
 * not report missing data in the last rows.) Empty if a whole scan is missing, which no decoder reports: the image would
 * be blurred or colourless.
 */
export function endedForms(bytes: Uint8Array): Uint8Array[] {
  if (!hasAllScans(bytes)) return [];
  const length = dataLength(bytes);
  return foreign.map((more) => followed(bytes, length, more));
}

/** The length without padding: an incomplete copy may end in 00 or FF bytes, of which more than two are not data. */
function dataLength(bytes: Uint8Array): number {
  const end = bytes.findLastIndex((byte) => byte !== 0 && byte !== 0xff) + 1;
  // A zero after FF makes it data (ITU-T T.81, F.1.2.3); otherwise FF starts a marker.
  const stuffed = bytes[end] === 0xff && bytes[end + 1] === 0;
  if (bytes.length - end > 2) return stuffed ? end + 2 : end;
  return bytes.at(-1) === 0xff ? bytes.length - 1 : bytes.length;
}

/** Filler bytes, long enough to decode any next code from them. */
const foreign: readonly (readonly number[])[] = [[], Array<number>(64).fill(0xaa), Array<number>(64).fill(0x55)];

function followed(bytes: Uint8Array, kept: number, more: readonly number[]): Uint8Array {
  const whole = new Uint8Array(kept + more.length + 2);
  whole.set(bytes.subarray(0, kept));
  whole.set([...more, 0xff, 0xd9], kept);
  return whole;
}

/** Whether the scans contain every coefficient of each component down to its last bit (ITU-T T.81, G.1.1.1). */
function hasAllScans(bytes: Uint8Array): boolean {
  const bitsLeft = new Map<number, Uint8Array>();
  for (const { marker, at } of jpegSegments(bytes)) {
    if (isFrame(marker)) {
      for (let i = 0; i < (bytes[at + 9] ?? 0); i++) {
        bitsLeft.set(bytes[at + 10 + i * 3] ?? 0, new Uint8Array(coefficients).fill(0xff));
      }
    } else if (marker === 0xda) {
      const count = bytes[at + 4] ?? 0;
      const band = at + 5 + count * 2;
      for (let i = 0; i < count; i++) {
        bitsLeft
          .get(bytes[at + 5 + i * 2] ?? 0)
          ?.fill((bytes[band + 2] ?? 0) & 0x0f, bytes[band], (bytes[band + 1] ?? 0) + 1);
      }
    }
  }
  return bitsLeft.size > 0 && [...bitsLeft.values()].every((left) => left.every((bits) => bits === 0));
}

/** SOF0…SOF15 without DHT, JPG and DAC, which are in the same range. */
function isFrame(marker: number): boolean {
  return (marker & 0xf0) === 0xc0 && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc;
}
