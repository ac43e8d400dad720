import type { DatasetProblem, LabelBox, Split } from './types.ts';

/** What a scan knows of one image. */
export interface ImageFacts {
  readonly split: Split;
  /** The file cannot be read or decoded. */
  readonly broken: boolean;
  /** Usable boxes; empty for background, `null` without a label file. */
  readonly boxes: readonly Pick<LabelBox, 'classId'>[] | null;
  /** Whether the label file has rows but none that can be used; such an image is labelled, but trains nothing. */
  readonly unusableLabels?: boolean;
  readonly contentHash?: string | null;
  /** What it looks like (`core/duplicates/perceptualHash.ts`). */
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
