import type { ImageLocation, LabelContent, LabelSource } from '../../workflow/ports/labelSource.ts';
import { readLabelFile } from './fileLabels.ts';
import type { LabelFs } from './labelFs.ts';
import { ownLabelPath } from './locate.ts';
import { createOverlayLabels } from './overlayLabels.ts';

export interface OracleLabelsOptions {
  /** What a person would draw. Default: the dataset's own label files. It is only read. */
  readonly truth?: Pick<LabelSource, 'read'>;
  /** Where the simulated labels are written. */
  readonly overlayFolder: string;
  readonly fs?: LabelFs;
}

/** A label source for simulations, with the truth behind it. */
export interface OracleLabels extends LabelSource {
  /** What a person would have drawn; `null` when the truth is not known. */
  reveal(image: ImageLocation): Promise<LabelContent | null>;
}

/**
 * Labels for a simulation over a labelled dataset: everything is unlabelled until it is written here, whatever the
 * dataset says; the truth comes from `reveal` alone. The dataset stays untouched.
 */
export function createOracleLabels({ truth, overlayFolder, fs }: OracleLabelsOptions): OracleLabels {
  const labels = createOverlayLabels({ base: null, overlayFolder, ...(fs === undefined ? {} : { fs }) });
  return {
    ...labels,
    reveal: (image) => truth?.read(image) ?? readLabelFile(ownLabelPath(image), fs),
  };
}
