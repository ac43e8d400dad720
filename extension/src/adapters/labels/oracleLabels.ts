import type { ImageLocation, LabelContent, LabelSource } from '../../workflow/ports/labelSource.ts';
import { readLabelFile } from './fileLabels.ts';
import type { LabelFs } from './labelFs.ts';
import { ownLabelPath } from './locate.ts';
import { createOverlayLabels } from './overlayLabels.ts';

export interface OracleLabelsOptions {
  /** The true labels, read-only. Default: the dataset's own label files. */
  readonly truth?: Pick<LabelSource, 'read'>;
  /** Folder for the simulated labels. */
  readonly overlayFolder: string;
  readonly fs?: LabelFs;
}

/** A label source for simulations, with access to the true labels. */
export interface OracleLabels extends LabelSource {
  /** The true labels of an image; `null` if unknown. */
  reveal(image: ImageLocation): Promise<LabelContent | null>;
}

/**
 * Labels for a simulation on a labelled dataset. Every image is unlabelled until a label is written here; only `reveal`
 * returns the true labels. The dataset is never changed.
 */
export function createOracleLabels({ truth, overlayFolder, fs }: OracleLabelsOptions): OracleLabels {
  const labels = createOverlayLabels({ base: null, overlayFolder, ...(fs === undefined ? {} : { fs }) });
  return {
    ...labels,
    reveal: (image) => truth?.read(image) ?? readLabelFile(ownLabelPath(image), fs),
  };
}
