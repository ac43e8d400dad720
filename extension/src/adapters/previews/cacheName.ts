import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { nativePath } from '../platform/bytePaths.ts';

/** An image to show. */
export interface PreviewImage {
  readonly path: string;
  /** Hash of the file, if known. Names the copy. */
  readonly contentHash: string | null;
}

/** The name of an image's copy in a cache: its hash, or else a fingerprint. @throws if the file is gone. */
export async function cacheName({ path, contentHash }: PreviewImage): Promise<string> {
  // Uses a hash from the database only if it is a plain name: anything else may be a path to another folder.
  if (contentHash !== null && /^\w{1,128}$/u.test(contentHash)) return contentHash;
  const { size, mtimeMs } = await stat(nativePath(path));
  return createHash('sha256').update(`${path}\0${size}\0${mtimeMs}`).digest('hex');
}
