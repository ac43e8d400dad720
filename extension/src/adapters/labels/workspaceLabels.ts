import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { LabelError } from '../../core/dataset/errors.ts';
import type { ImageLocation, LabelSource } from '../../workflow/ports/labelSource.ts';
import { nativePath } from '../platform/bytePaths.ts';
import { createFileLabels } from './fileLabels.ts';
import type { LabelFs } from './labelFs.ts';
import { isLink, linkObstacle } from './linkTargets.ts';
import { overlayLabelPath, ownLabelPath, rootKey } from './locate.ts';
import { createOverlayLabels } from './overlayLabels.ts';
import { canWriteTo, type WritableProbe } from './writability.ts';

export interface ChooseLabelSourceOptions {
  readonly backupFolder: string;
  readonly overlayFolder: string;
  readonly isWritable?: WritableProbe;
  readonly fs?: LabelFs;
  /** Called with the reason why labels go to the overlay, once per reason and root. */
  readonly onOverlay?: (message: string) => void;
}

/** The place where the label of an image is written. */
export type LabelPlace = 'files' | 'overlay';

/** Labels of any number of roots. Each label is in the dataset's file or in the overlay. */
export interface ChosenLabels extends LabelSource {
  /** The place where this image's label is written. */
  placeOf(image: ImageLocation): LabelPlace;
}

type Reason = 'read-only' | 'outside' | 'object-store' | 'link-removed';

/**
 * Writes to the dataset's own files if possible, otherwise to the overlay. Decides for each image on every write. Labels
 * in the overlay take precedence, so that none is lost when the dataset becomes writable.
 *
 * The overlay is used for read-only folders, and for links to targets outside the root or in the object store of
 * git-annex, DVC or a similar tool. A link is never removed; instead, the overlay marks the label as removed.
 */
export function chooseLabelSource(options: ChooseLabelSourceOptions): ChosenLabels {
  const { backupFolder, overlayFolder, isWritable = canWriteTo, onOverlay } = options;
  const shared = options.fs === undefined ? {} : { fs: options.fs };
  const files = createFileLabels({ backupFolder, ...shared });
  const overlay = createOverlayLabels({ base: files, overlayFolder, ...shared });
  const reported = new Set<string>();
  const overlayPath = (image: ImageLocation): string => overlayLabelPath(overlayFolder, rootKey(image.rootPath), image);
  const reportOnce = (image: ImageLocation, reason: Reason, target: string): void => {
    const key = `${reason} ${image.rootPath}`;
    if (reported.has(key)) return;
    reported.add(key);
    onOverlay?.(
      `${whyOverlay[reason](target)} Such labels are kept in ${overlayFolder}, and win over the dataset's own.`,
    );
  };
  /** Why this write must not go to the dataset's own file; `null` if it may. */
  const obstacle = (image: ImageLocation, removes: boolean): { reason: Reason; target: string } | null => {
    const path = ownLabelPath(image);
    const linked = linkObstacle(path, image.rootPath);
    if (linked) return { reason: linked.why, target: `${path} → ${linked.target}` };
    if (removes && isLink(path)) return { reason: 'link-removed', target: path };
    return isWritable(dirname(path)) ? null : { reason: 'read-only', target: dirname(path) };
  };
  const placeOf = (image: ImageLocation): LabelPlace =>
    existsSync(nativePath(overlayPath(image))) || obstacle(image, false) ? 'overlay' : 'files';
  return {
    placeOf,
    locate: (image) => (placeOf(image) === 'files' ? files : overlay).locate(image),
    // A read creates no files in the dataset, and has no overhead without an overlay.
    read: (image) => (existsSync(join(overlayFolder, rootKey(image.rootPath))) ? overlay : files).read(image),
    async write(image, bytes, expectedHash) {
      if (existsSync(nativePath(overlayPath(image)))) return overlay.write(image, bytes, expectedHash);
      const why = obstacle(image, bytes === null);
      if (why === null) {
        try {
          return await files.write(image, bytes, expectedHash);
        } catch (error) {
          // On a network drive the permissions may be wrong; a failed write shows this before any change.
          if (!(error instanceof LabelError) || error.code !== 'read-only') throw error;
        }
      }
      const hash = await overlay.write(image, bytes, expectedHash);
      const { reason, target } = why ?? { reason: 'read-only', target: dirname(ownLabelPath(image)) };
      reportOnce(image, reason, target);
      return hash;
    },
    async tidy(image) {
      await files.tidy(image);
      await overlay.tidy(image);
    },
    moveRoot: (from, to) => overlay.moveRoot(from, to),
  };
}

const whyOverlay: Readonly<Record<Reason, (target: string) => string>> = {
  'read-only': (folder) => `The folder ${folder} cannot be written to.`,
  outside: (target) => `A label leads through a link out of the dataset (${target}); nothing is written there.`,
  'object-store': (target) =>
    `A label leads to an object of git-annex, DVC or another store (${target}); nothing is written there.`,
  'link-removed': (path) => `The label ${path} is a link; it stays, and its image counts as unlabelled.`,
};

/** The labels of a workspace, with overlay and backups in its folder `.active-learning`. */
export function createWorkspaceLabels(folder: string, onOverlay?: (message: string) => void): ChosenLabels {
  return chooseLabelSource({
    backupFolder: join(folder, 'backups', 'labels'),
    overlayFolder: join(folder, 'labels'),
    ...(onOverlay === undefined ? {} : { onOverlay }),
  });
}
