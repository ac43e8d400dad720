import { webcrypto } from 'node:crypto';
import type { DatasetProblem } from '../../../core/dataset/types.ts';
import { toErrorReport } from '../../../core/errors.ts';
import type { ImageProbe } from '../../../workflow/ports/datasetFiles.ts';
import { decodeRgbBytes, readImageFile } from './decodeImage.ts';
import { sniffFormat } from './imageFormats.ts';
import { isEndedJpeg } from './jpegEnd.ts';
import { perceptualHashOf } from './perceptualHash.ts';

/** Ultralytics skips images with a smaller width or height in pixels. */
const leastPixels = 10;

/** Computes the hashes (SHA-256 and perceptual) of an image and fully decodes it. Never throws: problems are in the result. */
export async function probeImage(path: string): Promise<ImageProbe> {
  let contentHash: string | null = null;
  try {
    const bytes = await readImageFile(path);
    contentHash = await sha256(bytes);
    const image = await decodeRgbBytes(bytes, path);
    const { width, height } = image;
    if (Math.min(width, height) < leastPixels) {
      return {
        ok: false,
        contentHash,
        problem: {
          severity: 'error',
          code: 'too-small',
          message: `The image ${path} is ${width}x${height} pixels; Ultralytics leaves out images below ${leastPixels} pixels.`,
          hint: 'Remove it, or take a larger picture.',
          file: path,
        },
      };
    }
    const perceptualHash = perceptualHashOf(image);
    return { ok: true, contentHash, width, height, perceptualHash, warnings: warningsOf(bytes, path) };
  } catch (error) {
    const { code, message, hint } = toErrorReport(error);
    return { ok: false, contentHash, problem: { severity: 'error', code, message, hint, file: path } };
  }
}

async function sha256(bytes: Uint8Array): Promise<string> {
  const digest = await webcrypto.subtle.digest('SHA-256', bytes as Uint8Array<ArrayBuffer>);
  return Buffer.from(digest).toString('hex');
}

function warningsOf(bytes: Uint8Array, path: string): DatasetProblem[] {
  if (sniffFormat(bytes) !== 'jpeg' || isEndedJpeg(bytes)) return [];
  return [
    {
      severity: 'warning',
      code: 'jpeg-unended',
      message: `The JPEG ${path} lacks its end marker (FF D9), but no pixel. The trainer is given a copy with the marker; the file stays as it is.`,
      hint: 'Nothing to do if the picture looks whole; otherwise copy it again from its source.',
      file: path,
    },
  ];
}
