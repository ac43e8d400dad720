import type { DatasetProblem, Split } from './types.ts';

/** What a scan knows about one image. */
export interface ImageFacts {
  readonly split: Split;
  /** The file cannot be read or decoded. */
  readonly broken: boolean;
  /** Class ids of its usable boxes, one entry a box. Empty for background, `null` without a label file. */
  readonly classIds: readonly number[] | null;
  /** Whether the label file has rows, but none that can be used. Such an image is labelled but not used in training. */
  readonly unusableLabels?: boolean;
  readonly contentHash?: string | null;
  /** Perceptual hash (`core/duplicates/perceptualHash.ts`). */
  readonly perceptualHash?: string | null;
  /** Absolute path, for problems that name it. */
  readonly file: string;
}

export interface DatasetFacts {
  readonly classNames: readonly string[];
  readonly images: readonly ImageFacts[];
  /** What listing, probing and reading labels found. */
  readonly problems: readonly DatasetProblem[];
  readonly hasValidationSplit: boolean;
}
