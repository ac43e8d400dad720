import { topFace, wall, type Frame } from '../draw/frame.ts';
import { smoothStep } from '../draw/noise.ts';
import type { Part } from './part.ts';
import type { Field } from '../draw/shapes.ts';
import { pixelsOfDisc, type Point, type View } from '../draw/view.ts';
import { footOf } from './walls.ts';

interface Area {
  readonly u: number;
  readonly v: number;
  readonly reach: number;
}

/** A hole: its chamfer, its inner wall, and its dark or open bottom. */
export function layOpening(
  frame: Frame,
  part: Part,
  view: View,
  opening: Part['openings'][number],
  light: Point,
): void {
  const box = pixelsOfDisc(view, opening.u, opening.v, opening.reach + 12 / view.scale, frame.width, frame.height);
  const { scale } = view;
  const chamfer = opening.chamfer * scale;
  const foot = footOf(part, view);
  const cos = Math.cos(view.angle);
  const sin = Math.sin(view.angle);
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left, at = y * frame.width + x; x < box.right; x++, at++) {
      if (frame.zone[at] !== topFace) continue;
      const u = frame.u[at] ?? 0;
      const v = frame.v[at] ?? 0;
      const distance = opening.field(u, v) * scale;
      if (distance > chamfer + 12) continue;
      if (distance > 0.5) {
        const rim = chamfer - distance;
        if (rim > 0) frame.relief[at] = (frame.relief[at] ?? 0) - 0.9 * rim;
        frame.shade[at] = (frame.shade[at] ?? 1) * (1 - 0.12 * Math.exp(-Math.max(0, distance - chamfer) / 5));
        continue;
      }
      frame.relief[at] = (frame.relief[at] ?? 0) - 0.9 * chamfer;
      frame.zone[at] = wall;
      const below = opening.field(u - foot.u * 1.15, v - foot.v * 1.15) * scale;
      const floor = smoothStep(1, -1, below);
      const toRim = opening.field(u + 0.5, v) - opening.field(u - 0.5, v);
      const toRimV = opening.field(u, v + 0.5) - opening.field(u, v - 0.5);
      const outX = toRim * cos - toRimV * sin;
      const outY = toRim * sin + toRimV * cos;
      const lit = Math.max(0, -(outX * light.x + outY * light.y));
      let side = 0.05 + 0.16 * lit * Math.exp(distance / (14 * scale));
      if (opening.threaded) side *= 1 + 0.6 * Math.sin(distance * 1.7 + Math.atan2(outY, outX));
      const dark = 0.012 + 0.02 * lit;
      const tone = side * (1 - floor) + dark * floor;
      const opacity = Math.min(1, 0.5 - distance);
      frame.coatA[at] = Math.max(frame.coatA[at] ?? 0, opacity);
      frame.coatR[at] = tone;
      frame.coatG[at] = tone;
      frame.coatB[at] = tone;
      if (opening.through) {
        // The bench shows at the bottom, in the shade of the bore.
        frame.cover[at] = Math.min(frame.cover[at] ?? 0, 1 - floor * opacity);
        frame.shade[at] = 0.5 + 0.5 * Math.min(1, Math.max(0, -below) / (part.thickness * scale * 2.4 + 4));
      }
    }
  }
}

/** A milled pocket: a lower floor with steep walls and shadow. */
export function layPocket(
  frame: Frame,
  view: View,
  field: Field,
  area: Area & { readonly depth: number },
  light: Point,
): void {
  const box = pixelsOfDisc(view, area.u, area.v, area.reach, frame.width, frame.height);
  const { scale } = view;
  const depth = area.depth * scale;
  const cos = Math.cos(view.angle);
  const sin = Math.sin(view.angle);
  const towardsU = ((light.x * cos + light.y * sin) * depth * 1.3) / scale;
  const towardsV = ((light.y * cos - light.x * sin) * depth * 1.3) / scale;
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left, at = y * frame.width + x; x < box.right; x++, at++) {
      if (frame.zone[at] !== topFace) continue;
      const u = frame.u[at] ?? 0;
      const v = frame.v[at] ?? 0;
      const distance = field(u, v) * scale;
      if (distance > 3) continue;
      frame.relief[at] = (frame.relief[at] ?? 0) - depth * smoothStep(1.5, -2.5, distance);
      if (distance > 0) continue;
      const shadow = smoothStep(-2, 3, field(u + towardsU, v + towardsV) * scale);
      const corner = Math.exp(distance / (depth * 1.2 + 2));
      frame.shade[at] = (frame.shade[at] ?? 1) * (1 - 0.5 * shadow) * (1 - 0.35 * corner);
      if (distance < -1 && distance > -4) frame.rough[at] = 0.3;
    }
  }
}
