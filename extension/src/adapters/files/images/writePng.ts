import { rename, rm } from 'node:fs/promises';
import sharp from 'sharp';
import { decodeRgb } from './decodeImage.ts';

/** Writes the decoded pixels of an image file as a PNG; see the port. @throws ImageError. */
export async function writePng(path: string, target: string): Promise<void> {
  const { data, width, height } = await decodeRgb(path);
  const part = `${target}.${process.pid}.part`;
  try {
    await rm(part, { force: true });
    // Many times faster than the default level; files are a few percent larger.
    const image = sharp(data, { raw: { width, height, channels: 3 }, limitInputPixels: false });
    await image.png({ compressionLevel: 2 }).toFile(part);
    await rename(part, target);
  } finally {
    await rm(part, { force: true });
  }
}
