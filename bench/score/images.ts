import { basename, join } from 'node:path';
import { decodeRgb } from '../../extension/src/adapters/files/images/decodeImage.ts';
import { isReadableImageName } from '../../extension/src/adapters/files/images/imageFormats.ts';
import { planLetterbox } from '../../extension/src/core/detection/letterbox.ts';
import type { ModelFiles } from '../../extension/src/workflow/ports/inference.ts';
import { filesBelow } from '../../scripts/lib/files.ts';
import { fail } from '../../scripts/begin/shell.mjs';

/** `limit` images of a folder and those below, spread evenly. */
export async function imagesIn(folder: string, limit: number): Promise<string[]> {
  let files: string[];
  try {
    files = filesBelow(folder);
  } catch (error) {
    return fail(
      `The folder ${folder} cannot be read (${(error as NodeJS.ErrnoException).code}).`,
      'Name a folder of images with --images.',
    );
  }
  const paths = files.filter((file) => isReadableImageName(basename(file))).map((file) => join(folder, file));
  if (paths.length === 0) fail(`There are no images in ${folder}.`, 'Name another folder with --images.');
  const count = Math.min(limit, paths.length);
  return Array.from({ length: count }, (_, index) => paths[Math.floor((index * paths.length) / count)] as string);
}

/** The pixels that the network sees of the images, of those that a square input for each has. */
export async function shareOfSquare(paths: readonly string[], model: ModelFiles, imageSize: number): Promise<number> {
  if (!model.info.dynamic || model.info.head === 'rtdetr') return 1;
  let pixels = 0;
  for (const path of paths) {
    const { width, height } = await decodeRgb(path);
    const planned = planLetterbox(width, height, imageSize, { mode: 'rectangle', stride: model.info.stride });
    pixels += planned.width * planned.height;
  }
  return pixels / (paths.length * imageSize * imageSize);
}
