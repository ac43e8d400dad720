import { wall, type Frame } from '../draw/frame.ts';
import type { Part } from './part.ts';
import type { Field } from '../draw/shapes.ts';
import type { Point, View } from '../draw/view.ts';

/**
 * How far the foot of the part is displaced against its top, which is what shows its sides: in pixels of the picture
 * and in part units.
 */
export interface Foot {
  readonly x: number;
  readonly y: number;
  readonly length: number;
  readonly u: number;
  readonly v: number;
}

/** The displacement of a part's foot in a view. */
export function footOf(part: Part, view: View): Foot {
  const x = view.tiltX * 1200 * part.thickness * view.scale;
  const y = view.tiltY * 1200 * part.thickness * view.scale;
  const cos = Math.cos(view.angle) / view.scale;
  const sin = Math.sin(view.angle) / view.scale;
  return { x, y, length: Math.hypot(x, y), u: x * cos + y * sin, v: y * cos - x * sin };
}

/** Makes a pixel beside the face a piece of the part's side, where the outline swept to the foot covers it. */
export function layWall(frame: Frame, at: number, field: Field, foot: Foot, light: Point): void {
  const u = frame.u[at] ?? 0;
  const v = frame.v[at] ?? 0;
  let depth = 0;
  for (let step = 1; step <= 8 && depth === 0; step++) {
    if (field(u - (foot.u * step) / 8, v - (foot.v * step) / 8) < 0) depth = step / 8;
  }
  if (depth === 0) return;
  const facing = (foot.x * light.x + foot.y * light.y) / foot.length;
  const lit = 0.16 + 0.3 * Math.max(0, facing) * (1 - 0.4 * depth);
  frame.zone[at] = wall;
  frame.cover[at] = 1;
  frame.shade[at] = 1 - 0.35 * depth;
  frame.coatA[at] = 1;
  frame.coatR[at] = lit;
  frame.coatG[at] = lit;
  frame.coatB[at] = lit * 1.02;
}
