import type { PixelBox } from '../draw/view.ts';

/** Class names in the order of their ids. */
export const classNames = ['scratch', 'dent', 'stain', 'crack'] as const;
export type DefectClass = (typeof classNames)[number];

/** One defect at a place of the part. */
export interface Defect {
  readonly kind: DefectClass;
  readonly u: number;
  readonly v: number;
  /** Main direction in the part plane, radians. */
  readonly angle: number;
  /** 1 is ordinary, 0.35 tiny. */
  readonly size: number;
  /** 1 is ordinary, 0.4 hard to see. */
  readonly contrast: number;
  readonly seed: number;
}

/** A drawn defect: how visible it is in each pixel of its box (0 to 1), and how to put a pixel into the frame. */
export interface Patch {
  readonly box: PixelBox;
  readonly mask: Float32Array;
  readonly paint: (at: number, index: number) => void;
}
