import { fork } from 'node:child_process';
import { open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { createSerialQueue } from '../../core/concurrency.ts';
import { sniffFormat } from '../files/images/imageFormats.ts';
import { hasBytes, nativePath } from '../platform/bytePaths.ts';
import { makePrivateFolder } from '../platform/privateFiles.ts';
import { workerEnvironment } from '../platform/workerEnvironment.ts';
import { cacheName, type PreviewImage } from './cacheName.ts';

/** Converts images that a browser may not be able to show. */
export interface Previews {
  /** The image itself if a browser can show it or the conversion fails; otherwise a converted copy. */
  pathFor(image: PreviewImage): Promise<string>;
  /** The same without waiting: starts the conversion and returns `null` if the copy does not exist yet. */
  pathIfReady(image: PreviewImage): Promise<string | null>;
}

export interface PreviewOptions {
  /** The folder of converted copies; safe to delete. */
  readonly folder: string;
  /** The entry file of the conversion process. */
  readonly workerPath: string;
  /** Receives failed conversions. */
  readonly onWarning: (message: string) => void;
  /** The Node or Electron executable for the process. */
  readonly nodePath?: string;
}

const conversionTimeoutMs = 120_000;

/**
 * Converts images one at a time in a separate process, since a decoder that crashes on a damaged file must not crash the
 * extension host. Only TIFF is converted; Chromium shows all other supported formats.
 */
export function createPreviews({
  folder,
  workerPath,
  onWarning,
  nodePath = process.execPath,
}: PreviewOptions): Previews {
  const making = new Map<string, Promise<boolean>>();
  const enqueue = createSerialQueue();

  const targetOf = async (image: PreviewImage): Promise<string | null> => {
    // A URI cannot represent a path that is not UTF-8.
    if (!hasBytes(image.path) && !(await isTiff(image.path))) return null;
    return join(folder, `${await cacheName(image)}.jpg`);
  };
  const make = (source: string, target: string): Promise<boolean> => {
    const known = making.get(target);
    if (known) return known;
    const result = enqueue(async () => {
      await makePrivateFolder(dirname(dirname(folder)), folder);
      await convert(workerPath, nodePath, source, target);
      return true;
    });
    const settled = result.catch((error: unknown) => {
      onWarning(`No preview of ${source} could be made: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    });
    making.set(target, settled);
    void settled.then(() => making.delete(target));
    return settled;
  };

  return {
    async pathFor(image) {
      const target = await targetOf(image);
      if (target === null || (await fileExists(target))) return target ?? image.path;
      return (await make(image.path, target)) ? target : image.path;
    },
    async pathIfReady(image) {
      const target = await targetOf(image);
      if (target === null || (await fileExists(target))) return target ?? image.path;
      void make(image.path, target);
      return null;
    },
  };
}

/** Checks the content, not the file name. The page reports files that cannot be read. */
async function isTiff(path: string): Promise<boolean> {
  try {
    const file = await open(nativePath(path), 'r');
    try {
      const { buffer, bytesRead } = await file.read(Buffer.alloc(32), 0, 32, 0);
      return sniffFormat(buffer.subarray(0, bytesRead)) === 'tiff';
    } finally {
      await file.close();
    }
  } catch {
    return false;
  }
}

async function fileExists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function convert(workerPath: string, nodePath: string, source: string, target: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(workerPath, [source, target], {
      execPath: nodePath,
      execArgv: [],
      env: workerEnvironment(process.env),
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
      windowsHide: true,
      timeout: conversionTimeoutMs,
      killSignal: 'SIGKILL',
    });
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors = (errors + chunk.toString()).slice(-2000);
    });
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(errors.trim() || `the converter ended with ${signal ?? `code ${code}`}`));
    });
  });
}
