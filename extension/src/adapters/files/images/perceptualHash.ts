import { hashPicture, hashText, perceptualHash } from '../../../core/duplicates/perceptualHash.ts';
import type { RgbImage } from './decodeImage.ts';

/** Sampled pixels per cell in each direction, so that a photo of 50 megapixels takes no longer than a small one. */
const samples = 16;

/** The perceptual hash of a decoded image; see `core/duplicates/perceptualHash.ts`. Takes about a millisecond. */
export function perceptualHashOf(image: RgbImage): string {
  return hashText(perceptualHash(greyPicture(image)));
}

/** The mean brightness (ITU-R BT.601) of each cell, from evenly spaced pixels. */
function greyPicture({ data, width, height }: RgbImage): Uint8Array {
  const columns = spread(width, hashPicture.width * samples);
  const rows = spread(height, hashPicture.height * samples);
  const grey = new Uint8Array(hashPicture.width * hashPicture.height);
  for (let y = 0; y < hashPicture.height; y++) {
    for (let x = 0; x < hashPicture.width; x++) {
      let sum = 0;
      for (let j = y * samples; j < (y + 1) * samples; j++) {
        const row = (rows[j] as number) * width;
        for (let i = x * samples; i < (x + 1) * samples; i++) {
          const at = (row + (columns[i] as number)) * 3;
          sum += 77 * (data[at] as number) + 150 * (data[at + 1] as number) + 29 * (data[at + 2] as number);
        }
      }
      grey[y * hashPicture.width + x] = Math.round(sum / (256 * samples * samples));
    }
  }
  return grey;
}

/** The centres of `count` equal parts of a side, in whole pixels. */
function spread(length: number, count: number): Uint32Array {
  return Uint32Array.from({ length: count }, (_, i) => Math.floor(((i + 0.5) * length) / count));
}
