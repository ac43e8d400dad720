import { createHash } from 'node:crypto';
import { isAbsolute, join, posix, resolve, sep } from 'node:path';
import { LabelError } from '../../core/dataset/errors.ts';
import { labelPathOf } from '../../core/dataset/labelPaths.ts';
import type { ImageLocation } from '../../workflow/ports/labelSource.ts';

/** @throws LabelError `outside-root` if the relative path leaves the root. */
function requireInside({ rootPath, relativePath }: ImageLocation): void {
  const path = posix.normalize(relativePath);
  if (path !== '..' && !path.startsWith('../') && !isAbsolute(relativePath) && relativePath !== '') return;
  throw new LabelError(
    'outside-root',
    `The image path "${relativePath}" leaves its folder ${rootPath}.`,
    'Rescan the dataset.',
    { where: rootPath },
  );
}

/** The dataset's own label file of an image, absolute (Ultralytics' rule). */
export function ownLabelPath(image: ImageLocation): string {
  requireInside(image);
  return labelPathOf(resolve(image.rootPath, image.relativePath.replaceAll('/', sep)));
}

/** A folder name for a root: readable, and unique for every path. */
export function rootKey(rootPath: string): string {
  const absolute = resolve(rootPath);
  const name = absolute.split(/[\\/]/u).findLast((part) => part !== '') ?? 'root';
  const readable = name.replaceAll(/[^\p{L}\p{N}._-]/gu, '_').slice(0, 60);
  return `${readable}-${createHash('sha256').update(absolute).digest('hex').slice(0, 8)}`;
}

/** The label file of an image in an overlay folder: one folder per root with the same relative paths as in the dataset. */
export function overlayLabelPath(folder: string, key: string, image: ImageLocation): string {
  requireInside(image);
  // With a leading slash, the rule also applies to a path that begins with images/.
  return join(folder, key, labelPathOf(`/${image.relativePath}`));
}
