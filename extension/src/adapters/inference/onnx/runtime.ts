import type * as Ort from 'onnxruntime-node';
import type * as Decoder from '../../files/images/decodeImage.ts';
import { InferenceError } from '../inferenceError.ts';

export type OnnxRuntime = typeof Ort;
export type ImageDecoder = Pick<typeof Decoder, 'readImageFile' | 'decodeRgbBytes'>;

/**
 * Loads ONNX Runtime's native binding.
 * @throws InferenceError `runtime-missing`.
 */
export async function loadOnnxRuntime(): Promise<OnnxRuntime> {
  try {
    return await import('onnxruntime-node');
  } catch (cause) {
    throw runtimeMissing('ONNX Runtime', cause, process.platform, process.arch);
  }
}

/**
 * Loads the image decoder with one thread per image and no cache: parallelism comes from the workers.
 * @throws InferenceError `runtime-missing`.
 */
export async function loadImageDecoder(): Promise<ImageDecoder> {
  try {
    const { default: sharp } = await import('sharp');
    sharp.concurrency(1);
    sharp.cache(false);
    return await import('../../files/images/decodeImage.ts');
  } catch (cause) {
    throw runtimeMissing('the image decoder', cause, process.platform, process.arch);
  }
}

/** The error for a native library that does not load; the hint depends on the reason in the message. */
export function runtimeMissing(library: string, cause: unknown, platform: string, arch: string): InferenceError {
  const reason = (cause instanceof Error ? cause.message : String(cause)).split('\n')[0] ?? '';
  return new InferenceError(
    'runtime-missing',
    `${capitalised(library)} cannot be loaded on ${platform}-${arch}: ${reason}`,
    wayOut(reason, platform, arch),
    { cause },
  );
}

/**
 * Finds in the stderr of a crashed worker that a native library is missing: a bundle imports the image decoder before
 * our code runs and could report it. @returns null if the worker crashed for another reason.
 */
export function runtimeMissingIn(stderr: string): InferenceError | null {
  const line = stderr
    .split('\n')
    .find((text) => /Could not load the "sharp"|Cannot find (?:package|module) '(?:sharp|@img|onnxruntime)/.test(text));
  return line === undefined ? null : runtimeMissing('a native library', line.trim(), process.platform, process.arch);
}

const useTrainer = 'Scoring through the Python of the trainer works there.';

function wayOut(reason: string, platform: string, arch: string): string {
  if (platform === 'darwin' && arch === 'x64')
    return `There is no ONNX Runtime for Macs with Intel processors. ${useTrainer}`;
  const glibc = /GLIBC(?:XX)?_[\d.]+/.exec(reason)?.[0];
  if (glibc !== undefined) {
    return `This system's C library is too old: ${glibc} is needed (Debian 12, Ubuntu 22.04, RHEL 9 or newer). ${useTrainer}`;
  }
  if (/musl|ld-linux|libc\.so/i.test(reason)) {
    return `Systems with musl, such as Alpine, are not supported; a glibc system is. ${useTrainer}`;
  }
  return `Supported are linux-x64, linux-arm64, win32-x64, win32-arm64 and darwin-arm64; on these, install again. ${useTrainer}`;
}

function capitalised(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
