import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { ImageLocation, LabelSource } from '../../workflow/ports/labelSource.ts';
import { createFileLabels } from './fileLabels.ts';
import type { LabelFs } from './labelFs.ts';
import { ownLabelPath, rootKey } from './locate.ts';
import { createOverlayLabels } from './overlayLabels.ts';
import { canWriteTo, type WritableProbe } from './writability.ts';

export interface ChooseLabelSourceOptions {
  readonly backupFolder: string;
  readonly overlayFolder: string;
  readonly isWritable?: WritableProbe;
  readonly fs?: LabelFs;
}

/** Where the labels of a root are written. */
export type LabelPlace = 'files' | 'overlay';

/** Labels of any number of roots, each in its own files or in the overlay. */
export interface ChosenLabels extends LabelSource {
  /** Where the labels of this image's root go; for telling the user that a dataset is read-only. */
  placeOf(image: ImageLocation): LabelPlace;
}

/**
 * Writes to the dataset's own files where that is possible, otherwise to the overlay. It is decided by the first
 * image of each root that is located or written, and holds as long as this source. A root that already has an overlay keeps it,
 * so that its labels do not vanish when the dataset becomes writable.
 */
export function chooseLabelSource(options: ChooseLabelSourceOptions): ChosenLabels {
  const { backupFolder, overlayFolder, isWritable = canWriteTo } = options;
  const shared = options.fs === undefined ? {} : { fs: options.fs };
  const files = createFileLabels({ backupFolder, ...shared });
  const overlay = createOverlayLabels({ base: files, overlayFolder, ...shared });
  const places = new Map<string, LabelPlace>();
  const hasOverlay = (image: ImageLocation): boolean => existsSync(join(overlayFolder, rootKey(image.rootPath)));
  const placeOf = (image: ImageLocation): LabelPlace => {
    const known = places.get(image.rootPath);
    if (known) return known;
    const place = !hasOverlay(image) && isWritable(dirname(ownLabelPath(image))) ? 'files' : 'overlay';
    places.set(image.rootPath, place);
    return place;
  };
  const sourceOf = (image: ImageLocation): LabelSource => (placeOf(image) === 'files' ? files : overlay);
  return {
    placeOf,
    locate: (image) => sourceOf(image).locate(image),
    // Without an overlay both read the same, and only looking must leave no trace in the dataset.
    read: async (image) => (places.has(image.rootPath) || hasOverlay(image) ? sourceOf(image) : files).read(image),
    write: async (image, text, expectedHash) => sourceOf(image).write(image, text, expectedHash),
    tidy: async (image) => sourceOf(image).tidy(image),
    async moveRoot(from, to) {
      await overlay.moveRoot(from, to);
      places.delete(from);
      places.delete(to);
    },
  };
}

/** The labels of a workspace: overlay and backups lie in its folder `.active-learning`. */
export function createWorkspaceLabels(folder: string): ChosenLabels {
  return chooseLabelSource({ backupFolder: join(folder, 'backups', 'labels'), overlayFolder: join(folder, 'labels') });
}
