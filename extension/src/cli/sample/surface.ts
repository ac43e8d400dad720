import { markField, type Marks } from './finish.ts';
import { topFace, wall, type Frame } from './frame.ts';
import { sampleTile, smoothStep, type NoiseLibrary } from './noise.ts';
import type { Part } from './parts.ts';
import { shaftRadius, stretchAt, type Field } from './shapes.ts';
import { pixelsOfDisc, type Point, type View } from './view.ts';

/** How far the foot of the part is displaced in the picture against its top, in pixels: what shows its sides. */
export function footShift(part: Part, view: View): Point {
  const centre = { x: view.tiltX * 1200, y: view.tiltY * 1200 };
  return { x: centre.x * part.thickness * view.scale, y: centre.y * part.thickness * view.scale };
}

/** Lays the bare part into the frame: cover, relief, marks, colour, walls, holes and pockets. */
export function layPart(frame: Frame, part: Part, view: View, noise: NoiseLibrary, light: Point): void {
  layFace(frame, part, view, noise, light);
  for (const pocket of part.pockets) layPocket(frame, view, pocket.field, pocket, light);
  for (const opening of part.openings) layOpening(frame, part, view, opening, light);
}

function layFace(frame: Frame, part: Part, view: View, noise: NoiseLibrary, light: Point): void {
  const { width, height, u, v, cover, zone, relief } = frame;
  const { scale } = view;
  const field = part.outline;
  const marksAt = markField(part.finish, noise, scale);
  const marks: Marks = { acrossU: 1, acrossV: 0, slope: 0, sideSlope: 0, tone: 1, rough: 0 };
  const cos = Math.cos(view.angle);
  const sin = Math.sin(view.angle);
  const foot = footShift(part, view);
  const footLength = Math.hypot(foot.x, foot.y);
  const footU = (foot.x * cos + foot.y * sin) / scale;
  const footV = (foot.y * cos - foot.x * sin) / scale;
  const chamfer = part.chamfer * scale;
  const reach = part.reach + footLength / scale + 4;
  const box = pixelsOfDisc(view, 0, 0, reach, width, height);
  const shaft = part.shaft.length > 0;
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left, at = y * width + x; x < box.right; x++, at++) {
      const pu = u[at] ?? 0;
      const pv = v[at] ?? 0;
      const distance = field(pu, pv) * scale;
      if (distance > 2) {
        if (distance < footLength + 1) layWall(frame, at, field, pu, pv, footU, footV, foot, light);
        continue;
      }
      cover[at] = Math.min(1, Math.max(0, 0.5 - distance));
      if (distance > -0.5 && footLength > 2) {
        const part0 = cover[at] ?? 0;
        layWall(frame, at, field, pu, pv, footU, footV, foot, light);
        // On the rim itself face and wall share the pixel.
        if (zone[at] === wall) frame.coatA[at] = 1 - part0;
      }
      if (distance <= 0) zone[at] = topFace;
      marksAt(pu, pv, marks);
      let height0 = 0;
      if (shaft) height0 = layShaft(part, view, pu, pv, marks);
      else {
        const rim = chamfer + distance;
        if (rim > 0) height0 = -0.9 * rim * smoothStep(0, 1.5, rim);
        for (const shoulder of part.shoulders) {
          const edge = (Math.sqrt(pu * pu + pv * pv) - shoulder.radius) * scale;
          const half = Math.abs(shoulder.rise) * 0.55;
          height0 += shoulder.rise * smoothStep(-half, half, edge);
          if (Math.abs(edge) < 12) frame.shade[at] = (frame.shade[at] ?? 1) * (1 - 0.18 * (1 - Math.abs(edge) / 12));
        }
        if (rim > -1) {
          // A chamfer was cut by another tool: other marks than the face.
          marks.slope *= 0.4;
          marks.tone = 0.96 + 0.05 * sampleTile(noise.cloud, pu * 2, pv * 2);
        }
      }
      relief[at] = height0;
      if (cover[at] === 0) continue;
      frame.acrossX[at] = marks.acrossU * cos - marks.acrossV * sin;
      frame.acrossY[at] = marks.acrossU * sin + marks.acrossV * cos;
      const ax = frame.acrossX[at] ?? 1;
      const ay = frame.acrossY[at] ?? 0;
      frame.slopeX[at] = marks.slope * ax - marks.sideSlope * ay;
      frame.slopeY[at] = marks.slope * ay + marks.sideSlope * ax;
      frame.rough[at] = marks.rough;
      const tone = marks.tone * (1 + 0.035 * sampleTile(noise.cloud, pu * 0.18 + 60, pv * 0.18 + 20));
      frame.metalR[at] = part.metal[0] * tone;
      frame.metalG[at] = part.metal[1] * tone;
      frame.metalB[at] = part.metal[2] * tone;
    }
  }
}

/** Marks of the shaft's stretch at a point; returns the height of its round surface. */
function layShaft(part: Part, view: View, u: number, v: number, marks: Marks): number {
  const radius = shaftRadius(part.shaft, part.chamfer, u);
  const stretch = stretchAt(part.shaft, u);
  if (radius <= 0 || stretch === undefined) return 0;
  const across = Math.max(-0.995, Math.min(0.995, v / radius));
  const turn = Math.asin(across);
  if (stretch.surface === 'thread') {
    const phase = (2 * Math.PI * u) / stretch.pitch + turn;
    marks.slope += 0.75 * Math.sin(phase) + 0.2 * Math.sin(2 * phase);
    marks.tone *= 0.72 - 0.3 * Math.cos(phase);
  } else if (stretch.surface === 'knurl') {
    const a = (2 * Math.PI * u) / stretch.pitch;
    const b = (2 * Math.PI * turn * radius) / stretch.pitch;
    marks.slope += 0.35 * (Math.sin(a + b) + Math.sin(a - b));
    marks.sideSlope += 0.35 * (Math.sin(a + b) - Math.sin(a - b));
    marks.tone *= 0.8 + 0.2 * Math.cos(a + b) * Math.cos(a - b);
  } else if (stretch.surface === 'ground') {
    marks.slope *= 0.45;
    marks.tone = 1 + (marks.tone - 1) * 0.6;
  }
  return radius * Math.sqrt(1 - across * across) * view.scale;
}

function layWall(
  frame: Frame,
  at: number,
  field: Field,
  u: number,
  v: number,
  footU: number,
  footV: number,
  foot: Point,
  light: Point,
): void {
  let depth = 0;
  for (let step = 1; step <= 8; step++) {
    const share = step / 8;
    if (field(u - footU * share, v - footV * share) < 0) {
      depth = share;
      break;
    }
  }
  if (depth === 0) return;
  const length = Math.hypot(foot.x, foot.y);
  const facing = (foot.x * light.x + foot.y * light.y) / length;
  const lit = 0.16 + 0.3 * Math.max(0, facing) * (1 - 0.4 * depth);
  frame.zone[at] = wall;
  frame.cover[at] = 1;
  frame.shade[at] = 1 - 0.35 * depth;
  frame.coatA[at] = 1;
  frame.coatR[at] = lit;
  frame.coatG[at] = lit;
  frame.coatB[at] = lit * 1.02;
}

interface Area {
  readonly u: number;
  readonly v: number;
  readonly reach: number;
}

function layOpening(frame: Frame, part: Part, view: View, opening: Part['openings'][number], light: Point): void {
  const box = pixelsOfDisc(view, opening.u, opening.v, opening.reach + 12 / view.scale, frame.width, frame.height);
  const { scale } = view;
  const chamfer = opening.chamfer * scale;
  const foot = footShift(part, view);
  const cos = Math.cos(view.angle);
  const sin = Math.sin(view.angle);
  const deep = 1.15;
  const footU = (deep * (foot.x * cos + foot.y * sin)) / scale;
  const footV = (deep * (foot.y * cos - foot.x * sin)) / scale;
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
      const below = opening.field(u - footU, v - footV) * scale;
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

function layPocket(frame: Frame, view: View, field: Field, area: Area & { readonly depth: number }, light: Point): void {
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
