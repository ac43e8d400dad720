import { toPart, type View } from './view.ts';

/** Colours and light are linear, 1 being white in plain light. */
export type Rgb = readonly [number, number, number];

/** What a pixel shows: bench, the worked top face (defects lie here alone), or a wall or the depth of a hole. */
export const bench = 0;
export const topFace = 1;
export const wall = 2;

/** The layers of a picture before it is lit, each width * height; allocated once and used for many pictures. */
export interface Frame {
  readonly width: number;
  readonly height: number;
  /** Part coordinates of each pixel. */
  readonly u: Float32Array;
  readonly v: Float32Array;
  /** Height above the face in pixels, from which slopes are taken. */
  readonly relief: Float32Array;
  /** Slopes of marks finer than a pixel can carry as relief. */
  readonly slopeX: Float32Array;
  readonly slopeY: Float32Array;
  /** Unit vector across the tool marks: light spreads in this direction. */
  readonly acrossX: Float32Array;
  readonly acrossY: Float32Array;
  /** 0: as finished, 1: scatters light in all directions. */
  readonly rough: Float32Array;
  /** Colour with which bare metal reflects. */
  readonly metalR: Float32Array;
  readonly metalG: Float32Array;
  readonly metalB: Float32Array;
  /** A matt layer over the metal: rust, chalk, dirt. */
  readonly coatR: Float32Array;
  readonly coatG: Float32Array;
  readonly coatB: Float32Array;
  readonly coatA: Float32Array;
  /** How much of the pixel the part covers, 0 to 1. */
  readonly cover: Float32Array;
  readonly zone: Uint8Array;
  /** Factor for light kept away by neighbouring material. */
  readonly shade: Float32Array;
  /** Something between camera and part. */
  readonly overR: Float32Array;
  readonly overG: Float32Array;
  readonly overB: Float32Array;
  readonly overA: Float32Array;
  /** The lit picture. */
  readonly r: Float32Array;
  readonly g: Float32Array;
  readonly b: Float32Array;
}

/** An empty frame. */
export function createFrame(width: number, height: number): Frame {
  const plane = (): Float32Array => new Float32Array(width * height);
  return {
    width,
    height,
    u: plane(),
    v: plane(),
    relief: plane(),
    slopeX: plane(),
    slopeY: plane(),
    acrossX: plane(),
    acrossY: plane(),
    rough: plane(),
    metalR: plane(),
    metalG: plane(),
    metalB: plane(),
    coatR: plane(),
    coatG: plane(),
    coatB: plane(),
    coatA: plane(),
    cover: plane(),
    zone: new Uint8Array(width * height),
    shade: plane(),
    overR: plane(),
    overG: plane(),
    overB: plane(),
    overA: plane(),
    r: plane(),
    g: plane(),
    b: plane(),
  };
}

/** Empties the layers that drawing adds to, and lays the part coordinates of the view. */
export function resetFrame(frame: Frame, view: View): void {
  for (const plane of [frame.relief, frame.slopeX, frame.slopeY, frame.rough, frame.coatA, frame.cover, frame.overA]) {
    plane.fill(0);
  }
  frame.zone.fill(bench);
  frame.shade.fill(1);
  const { width, height, u, v } = frame;
  for (let y = 0; y < height; y++) {
    // The plane is projective: depth and both coordinates are linear in x before the division.
    const first = toPart(view, 0, y);
    const depth0 = 1 - view.tiltX * (0 - view.centreX) - view.tiltY * (y - view.centreY);
    const cos = Math.cos(view.angle) / view.scale;
    const sin = Math.sin(view.angle) / view.scale;
    let a = first.x * depth0;
    let b = first.y * depth0;
    let depth = depth0;
    for (let x = 0, at = y * width; x < width; x++, at++) {
      u[at] = a / depth;
      v[at] = b / depth;
      a += cos;
      b -= sin;
      depth -= view.tiltX;
    }
  }
}

/** Lays a matt colour over what coat a pixel has, with the given opacity. */
export function addCoat(frame: Frame, at: number, colour: Rgb, opacity: number): void {
  if (opacity <= 0) return;
  const before = frame.coatA[at] ?? 0;
  const after = opacity + before * (1 - opacity);
  const share = opacity / after;
  frame.coatR[at] = (frame.coatR[at] ?? 0) * (1 - share) + colour[0] * share;
  frame.coatG[at] = (frame.coatG[at] ?? 0) * (1 - share) + colour[1] * share;
  frame.coatB[at] = (frame.coatB[at] ?? 0) * (1 - share) + colour[2] * share;
  frame.coatA[at] = after;
}

/** Multiplies the metal's colour. */
export function tintMetal(frame: Frame, at: number, r: number, g: number, b: number): void {
  frame.metalR[at] = (frame.metalR[at] ?? 0) * r;
  frame.metalG[at] = (frame.metalG[at] ?? 0) * g;
  frame.metalB[at] = (frame.metalB[at] ?? 0) * b;
}

/** Adds to the relief. */
export function raise(frame: Frame, at: number, amount: number): void {
  frame.relief[at] = (frame.relief[at] ?? 0) + amount;
}

/** Scales the fine marks, as where something rubbed or filled them. */
export function smear(frame: Frame, at: number, keep: number, rough: number): void {
  frame.slopeX[at] = (frame.slopeX[at] ?? 0) * keep;
  frame.slopeY[at] = (frame.slopeY[at] ?? 0) * keep;
  frame.rough[at] = Math.min(1, (frame.rough[at] ?? 0) + rough);
}
