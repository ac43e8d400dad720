import { hexNumber } from './hexNumber.ts';

/** The input of the perceptual hash: a grey image, 8 bits, rows from the top, scaled to this size. */
export const hashPicture = { width: 36, height: 32 } as const;

/** 64 frequency bits, then 64 gradient bits, each as two 32-bit numbers. */
export type PerceptualHash = readonly [number, number, number, number];

const { width, height } = hashPicture;
/** Number of frequencies per direction. */
const side = 8;
/** Smaller sums of cosines are noise of flat images. */
const noise = 64;
/** The same for means of 4 × 4 pixels, in grey levels. */
const flat = 0.5;
const alongRows = cosines(width);
const alongColumns = cosines(height);

/**
 * A 128-bit hash of an image's appearance. Scaling, compression, brightness or blur changes only a few bits.
 * - The lower 8 × 8 coefficients of the discrete cosine transform (Zauner 2010, "pHash"): whether each is above their
 *   median.
 * - Whether each of 8 × 8 cells is brighter than its right neighbour (Krawetz 2013, "dHash").
 * Unlike in the originals, differences as small as noise count as none, so that all blank images are equal.
 * @param grey 36 × 32 pixels.
 */
export function perceptualHash(grey: Uint8Array): PerceptualHash {
  const [a, b] = byFrequencies(grey);
  const [c, d] = byGradients(grey);
  return [a, b, c, d];
}

function cosines(length: number): Float64Array {
  return Float64Array.from({ length: side * length }, (_, i) => {
    const frequency = Math.floor(i / length);
    return Math.cos((Math.PI * (2 * (i % length) + 1) * frequency) / (2 * length));
  });
}

function byFrequencies(grey: Uint8Array): [number, number] {
  const rows = new Float64Array(height * side);
  for (let y = 0; y < height; y++) {
    for (let k = 0; k < side; k++) {
      let sum = 0;
      for (let x = 0; x < width; x++) sum += (grey[y * width + x] as number) * (alongRows[k * width + x] as number);
      rows[y * side + k] = sum;
    }
  }
  const values = new Float64Array(side * side);
  for (let j = 0; j < side; j++) {
    for (let k = 0; k < side; k++) {
      let sum = 0;
      for (let y = 0; y < height; y++) sum += (rows[y * side + k] as number) * (alongColumns[j * height + y] as number);
      values[j * side + k] = sum;
    }
  }
  // The first coefficient is the mean brightness, which says nothing about the content.
  const median = values.subarray(1).toSorted()[31] as number;
  values[0] = 0;
  return bits((i) => (values[i] as number) > median + noise);
}

function byGradients(grey: Uint8Array): [number, number] {
  const cells = new Float64Array(9 * side);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const cell = (y >> 2) * 9 + (x >> 2);
      cells[cell] = (cells[cell] as number) + (grey[y * width + x] as number) / 16;
    }
  }
  return bits((i) => {
    const cell = Math.floor(i / side) * 9 + (i % side);
    return (cells[cell] as number) > (cells[cell + 1] as number) + flat;
  });
}

function bits(isSet: (index: number) => boolean): [number, number] {
  const words: [number, number] = [0, 0];
  for (let i = 0; i < 64; i++) if (isSet(i)) words[i >> 5] = ((words[i >> 5] as number) | (1 << (i & 31))) >>> 0;
  return words;
}

/** The hash as 32 hex digits. */
export function hashText(hash: PerceptualHash): string {
  return hash.map((word) => word.toString(16).padStart(8, '0')).join('');
}

/** Parses the output of `hashText`; null for another text. */
export function parseHash(text: string): PerceptualHash | null {
  if (text.length !== 32) return null;
  const [a, b] = [hexNumber(text, 0, 8), hexNumber(text, 8, 16)];
  const [c, d] = [hexNumber(text, 16, 24), hexNumber(text, 24, 32)];
  return Number.isNaN(a + b + c + d) ? null : [a, b, c, d];
}

/** Number of differing bits of two 32-bit words. */
export function differingBits(a: number, b: number): number {
  let bitsSet = a ^ b;
  bitsSet -= (bitsSet >>> 1) & 0x55555555;
  bitsSet = (bitsSet & 0x33333333) + ((bitsSet >>> 2) & 0x33333333);
  return Math.imul((bitsSet + (bitsSet >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
}
