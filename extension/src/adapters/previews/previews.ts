import { fork } from 'node:child_process';
import { createHash } from 'node:crypto';
import { open, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { sniffFormat } from '../files/images/imageFormats.ts';
import { hasBytes, nativePath } from '../platform/bytePaths.ts';
import { makePrivateFolder } from '../platform/privateFiles.ts';
import { workerEnvironment } from '../platform/workerEnvironment.ts';

/** An image to show. */
export interface Picture {
  readonly path: string;
  /** Hash of its bytes, if known: the converted image is stored under it. */
  readonly contentHash: string | null;
}

/** Pictures that a browser can show, of images that it may not be able to. */
export interface Previews {
  /** The image itself if a browser can show it or the conversion fails, otherwise a converted copy. */
  pathFor(picture: Picture): Promise<string>;
  /** The same when it is there already; otherwise `null`, and it is being made. */
  atHand(picture: Picture): Promise<string | null>;
}

export interface PreviewOptions {
  /** Converted copies are kept here; safe to delete. */
  readonly folder: string;
  /** The entry file of the process that converts. */
  readonly workerPath: string;
  /** Receives conversions that failed. */
  readonly onWarning: (message: string) => void;
  /** The Node (or Electron) that runs it. */
  readonly nodePath?: string;
}

const limitMs = 120_000;

/**
 * Converts in a separate process, one image at a time: a decoder that crashes on a damaged file must not take the
 * editor's extensions along. Only TIFF needs it; Chromium shows all other formats that are read.
 */
export function createPreviews({
  folder,
  workerPath,
  onWarning,
  nodePath = process.execPath,
}: PreviewOptions): Previews {
  const making = new Map<string, Promise<boolean>>();
  let turn: Promise<unknown> = Promise.resolve();

  const targetOf = async (picture: Picture): Promise<string | null> => {
    // A browser asks by a URI, which has no form for a path that is not UTF-8.
    if (!hasBytes(picture.path) && !(await isTiff(picture.path))) return null;
    return join(folder, `${nameOf(picture.contentHash) ?? (await fingerprint(picture.path))}.jpg`);
  };
  const make = (source: string, target: string): Promise<boolean> => {
    const known = making.get(target);
    if (known) return known;
    const result = turn.then(async () => {
      await makePrivateFolder(dirname(dirname(folder)), folder);
      await convert(workerPath, nodePath, source, target);
      return true;
    });
    const settled = result.catch((error: unknown) => {
      onWarning(`No preview of ${source} could be made: ${error instanceof Error ? error.message : String(error)}`);
      return false;
    });
    turn = settled;
    making.set(target, settled);
    void settled.then(() => making.delete(target));
    return settled;
  };

  return {
    async pathFor(picture) {
      const target = await targetOf(picture);
      if (target === null || (await isThere(target))) return target ?? picture.path;
      return (await make(picture.path, target)) ? target : picture.path;
    },
    async atHand(picture) {
      const target = await targetOf(picture);
      if (target === null || (await isThere(target))) return target ?? picture.path;
      void make(picture.path, target);
      return null;
    },
  };
}

/** By content, whatever the name says. What cannot be read is left to the page, which says that it cannot show it. */
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

/** A hash from a row. A value that is not a hash may be a path that leads anywhere. */
function nameOf(contentHash: string | null): string | null {
  return contentHash !== null && /^\w{1,128}$/u.test(contentHash) ? contentHash : null;
}

async function fingerprint(path: string): Promise<string> {
  const { size, mtimeMs } = await stat(nativePath(path));
  return createHash('sha256').update(`${path}\0${size}\0${mtimeMs}`).digest('hex');
}

async function isThere(path: string): Promise<boolean> {
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
      timeout: limitMs,
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
