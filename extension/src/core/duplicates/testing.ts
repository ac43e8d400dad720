import { createRandom, type Random } from '../random.ts';
import { hashPicture } from './perceptualHash.ts';

const { width, height } = hashPicture;

/** An image of bright and dark patches from a seed: 36 × 32 grey pixels. */
export function patches(seed: number): Uint8Array {
  const random = createRandom(seed);
  const grey = new Uint8Array(width * height).fill(Math.floor(random() * 256));
  for (let n = 0; n < 14; n++) {
    const [left, top] = [Math.floor(random() * width), Math.floor(random() * height)];
    const [right, bottom] = [left + 3 + Math.floor(random() * 14), top + 3 + Math.floor(random() * 12)];
    const value = Math.floor(random() * 256);
    for (let y = top; y < Math.min(bottom, height); y++) {
      for (let x = left; x < Math.min(right, width); x++) grey[y * width + x] = value;
    }
  }
  return grey;
}

/** The same image, slightly brighter and noisier, like a compressed copy. */
export function copied(grey: Uint8Array, random: Random): Uint8Array {
  const gain = 0.9 + random() * 0.2;
  return grey.map((value) => Math.max(0, Math.min(255, Math.round(value * gain + (random() - 0.5) * 6))));
}
