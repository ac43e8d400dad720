// What is measured of a set of images, and the figures.
import type { ProductPaths } from '../../extension/src/composition/productPaths.ts';
import type { FastVerdict } from '../../extension/src/workflow/iteration/scoring/fastModel.ts';
import type { ModelFiles } from '../../extension/src/workflow/ports/inference.ts';
import type { LimitedFigures } from './limits.ts';

/** One set of images, and what scores it. */
export interface MeasuredSet {
  readonly paths: readonly string[];
  readonly model: ModelFiles;
  /** Pixels of the longer side. */
  readonly imageSize: number;
  /** Single-threaded workers. */
  readonly threads: number;
  /** A folder for the session. */
  readonly folder: string;
  readonly rounds: number;
  readonly productPaths: ProductPaths;
}

/** Images per second and their ratios; null where Ultralytics has no weights to run. */
export interface SetFigures extends LimitedFigures {
  readonly images: number;
  readonly rounds: number;
  readonly imagesPerSecond: number;
  readonly ratioToNetwork: number;
  readonly floorImagesPerSecond: number;
  readonly networkImagesPerSecond: number;
  readonly ultralyticsOnnxImagesPerSecond: number;
  readonly ultralyticsPytorchImagesPerSecond: number | null;
  /** By contender, those of each round. */
  readonly seconds: Readonly<Record<string, readonly number[]>>;
  readonly fast?: FastFigures | null;
}

/** What the product would decide about the int8 copy, and its speed. */
export interface FastFigures extends FastVerdict {
  /** Whether it was quantised with more care because the first copy lost too much accuracy. */
  readonly careful: boolean;
  readonly imagesPerSecond: number;
  /** What the boxes are compared with. */
  readonly truth: string;
  /** How many images calibrated it. */
  readonly calibration: number;
  readonly rounds: number;
}
