/** Where a dataset is: a `data.yaml`, or a plain folder of images with class names given by the user. */
export type DatasetSource =
  | { readonly kind: 'yaml'; readonly path: string; readonly poolFolders: readonly string[] }
  | {
      readonly kind: 'folder';
      readonly path: string;
      readonly classNames: readonly string[];
      readonly poolFolders: readonly string[];
    };

/** The part of the dataset an image belongs to. `pool` holds the images of further folders. */
export type Split = (typeof splits)[number];

export const splits = ['train', 'val', 'test', 'pool'] as const;

/**
 * What is known about an image.
 * `unlabelled` and `later` may be selected; a verdict removed `unusable` from the pool; `broken` cannot be read;
 * an earlier scan found `missing`.
 */
export type ImageState = (typeof imageStates)[number];

export const imageStates = ['unlabelled', 'labelled', 'later', 'unusable', 'broken', 'missing'] as const;

/** A box of a label file: class id, centre and size relative to the image, 0…1. */
export interface LabelBox {
  readonly classId: number;
  readonly cx: number;
  readonly cy: number;
  readonly width: number;
  readonly height: number;
}

export type ProblemSeverity = 'error' | 'warning' | 'info';

/** One thing that is wrong with a dataset: what, where, and what to do. */
export interface DatasetProblem {
  readonly severity: ProblemSeverity;
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  /** Absolute path of the file. */
  readonly file?: string;
  /** 1-based line of that file. */
  readonly line?: number;
  /** Set if it stands for this many other problems of its code that are not listed. */
  readonly more?: number;
}

/** Counts to check before training. */
export interface DatasetSummary {
  readonly classNames: readonly string[];
  readonly images: number;
  readonly labelled: number;
  readonly background: number;
  readonly unlabelled: number;
  readonly validation: number;
  readonly test: number;
  readonly broken: number;
  readonly boxes: number;
  /** Boxes by class id. */
  readonly boxesPerClass: readonly number[];
  readonly problems: readonly DatasetProblem[];
}
