import type { Random } from '../../core/random.ts';
import { between, chance, pick } from '../draw/draws.ts';
import type { Rgb } from '../draw/frame.ts';
import { disc, type Field, type ShaftStretch } from '../draw/shapes.ts';

/** The marks that the last tool left. */
export interface Finish {
  readonly kind: 'linear' | 'concentric' | 'arcs' | 'blasted' | 'around';
  /** Direction of the marks or of the feed, radians in the part plane. */
  readonly angle: number;
  /** Distance between grooves, part units. */
  readonly pitch: number;
  /** Slope of the regular grooves and of the irregular lines. */
  readonly groove: number;
  readonly lines: number;
  /** Radius of a milling cutter and distance between its passes, part units. */
  readonly cutter: number;
  readonly pass: number;
  /** Shifts the pattern, so that no two parts carry the same marks. */
  readonly offset: number;
}

export interface Opening {
  readonly field: Field;
  readonly u: number;
  readonly v: number;
  readonly reach: number;
  readonly chamfer: number;
  readonly threaded: boolean;
  /** Wide enough that the bench shows at its bottom. */
  readonly through: boolean;
}

export interface Pocket {
  readonly field: Field;
  readonly u: number;
  readonly v: number;
  readonly reach: number;
  readonly depth: number;
}

/** A shoulder around the axis of a turned part: the face rises by `rise` outside `radius`. */
export interface Shoulder {
  readonly radius: number;
  readonly rise: number;
}

export interface Part {
  readonly kind: 'flange' | 'ring' | 'gear' | 'plate' | 'bracket' | 'face' | 'shaft';
  readonly outline: Field;
  /** Radius of a disc around the origin that holds the part. */
  readonly reach: number;
  readonly chamfer: number;
  /** Height above the bench, pixels at scale 1. */
  readonly thickness: number;
  readonly metal: Rgb;
  readonly finish: Finish;
  readonly openings: readonly Opening[];
  readonly pockets: readonly Pocket[];
  readonly shoulders: readonly Shoulder[];
  /** Empty unless the part is a shaft. */
  readonly shaft: readonly ShaftStretch[];
}

/** Draws the marks of a tool. */
export function drawFinish(random: Random, kind: Finish['kind']): Finish {
  return {
    kind,
    angle: pick(random, [0, Math.PI / 2, 0, between(random, 0, Math.PI)]),
    pitch: kind === 'arcs' ? between(random, 4, 11) : between(random, 3.2, 6),
    groove:
      kind === 'blasted'
        ? 0
        : between(random, 0.015, kind === 'arcs' ? 0.055 : 0.045) * (chance(random, 0.25) ? 0.2 : 1),
    lines: between(random, 0.02, kind === 'arcs' ? 0.05 : 0.075),
    cutter: between(random, 45, 190),
    pass: between(random, 70, 220),
    offset: between(random, 0, 500),
  };
}

/** A round hole; `threaded` is the probability of a thread. */
export function opening(random: Random, u: number, v: number, radius: number, threaded: number): Opening {
  const chamfer = Math.min(radius * 0.35, between(random, 1.5, 6));
  return {
    field: disc(u, v, radius),
    u,
    v,
    reach: radius + chamfer + 3,
    chamfer,
    threaded: chance(random, threaded),
    through: radius > 20 && chance(random, 0.85),
  };
}
