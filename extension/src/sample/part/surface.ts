import { createMarkRow, markFiller, type MarkRow } from './finish.ts';
import { topFace, wall, type Frame } from '../draw/frame.ts';
import { sampleTile, smoothStep, type NoiseLibrary } from '../draw/noise.ts';
import type { Part } from './part.ts';
import { layOpening, layPocket } from './openings.ts';
import { shaftRadius, stretchAt } from '../draw/shapes.ts';
import { pixelsOfDisc, type Point, type View } from '../draw/view.ts';
import { footOf, layWall } from './walls.ts';

/** Lays the bare part into the frame: cover, relief, marks, colour, walls, holes and pockets. */
export function layPart(frame: Frame, part: Part, view: View, noise: NoiseLibrary, light: Point): void {
  layFace(frame, part, view, noise, light);
  for (const pocket of part.pockets) layPocket(frame, view, pocket.field, pocket, light);
  for (const opening of part.openings) layOpening(frame, part, view, opening, light);
}

function layFace(frame: Frame, part: Part, view: View, noise: NoiseLibrary, light: Point): void {
  const { width, height, u, v, cover, zone } = frame;
  const { scale } = view;
  const field = part.outline;
  const marks = createMarkRow(width);
  const fillMarks = markFiller(part.finish, noise, scale, marks);
  const distances = new Float32Array(width);
  const foot = footOf(part, view);
  const inner = part.chamfer * scale + 3;
  const pace = part.shaft.length > 0 ? 0 : part.kind === 'gear' ? 0.25 : 0.6;
  const box = pixelsOfDisc(view, 0, 0, part.reach + foot.length / scale + 4, width, height);
  for (let y = box.top; y < box.bottom; y++) {
    const start = y * width;
    let from = width;
    let to = 0;
    let x = box.left;
    while (x < box.right) {
      const at = start + x;
      const distance = field(u[at] ?? 0, v[at] ?? 0) * scale;
      // Far from every border the next pixels are alike: a distance cannot change faster than the way to it.
      const calm = Math.max(-inner - distance, distance - foot.length - 3);
      const run = Math.max(1, Math.min(box.right - x, Math.floor(calm * pace)));
      distances.fill(distance, x, x + run);
      x += run;
      if (run > 1 && distance < 0) {
        from = Math.min(from, x - run);
        to = x;
        cover.fill(1, at, at + run);
        zone.fill(topFace, at, at + run);
        continue;
      }
      if (distance > 2) {
        if (distance < foot.length + 1) layWall(frame, at, field, foot, light);
        continue;
      }
      from = Math.min(from, x - 1);
      to = x;
      const share = Math.min(1, Math.max(0, 0.5 - distance));
      cover[at] = share;
      if (distance > -0.5 && foot.length > 2) {
        layWall(frame, at, field, foot, light);
        // On the rim itself face and wall share the pixel.
        if (zone[at] === wall) frame.coatA[at] = 1 - share;
      }
      if (distance <= 0) zone[at] = topFace;
    }
    fillMarks(u, v, start, from, to);
    if (part.shaft.length > 0) shapeShaftRow(frame, part, scale, marks, start, from, to);
    else shapeFlatRow(frame, part, scale, noise, marks, distances, start, from, to);
    layMarks(frame, part, view, noise, marks, start, from, to);
  }
}

/** Chamfered rim and shoulders of a flat part. */
function shapeFlatRow(
  frame: Frame,
  part: Part,
  scale: number,
  noise: NoiseLibrary,
  marks: MarkRow,
  distances: Float32Array,
  start: number,
  from: number,
  to: number,
): void {
  const chamfer = part.chamfer * scale;
  for (let x = from; x < to; x++) {
    const at = start + x;
    const distance = distances[x] ?? 0;
    if (distance > 2) continue;
    const u = frame.u[at] ?? 0;
    const v = frame.v[at] ?? 0;
    const rim = chamfer + distance;
    let height = rim > 0 ? -0.9 * rim * smoothStep(0, 1.5, rim) : 0;
    for (const shoulder of part.shoulders) {
      const edge = (Math.sqrt(u * u + v * v) - shoulder.radius) * scale;
      const half = Math.abs(shoulder.rise) * 0.55;
      height += shoulder.rise * smoothStep(-half, half, edge);
      if (Math.abs(edge) < 12) frame.shade[at] = (frame.shade[at] ?? 1) * (1 - 0.18 * (1 - Math.abs(edge) / 12));
    }
    frame.relief[at] = height;
    if (rim > -1) {
      // A chamfer was cut by another tool: other marks than the face.
      marks.slope[x] = (marks.slope[x] ?? 0) * 0.4;
      marks.tone[x] = 0.96 + 0.05 * sampleTile(noise.cloud, u * 2, v * 2);
    }
  }
}

/** Round relief of a shaft and the marks of its threads and knurls. */
function shapeShaftRow(
  frame: Frame,
  part: Part,
  scale: number,
  marks: MarkRow,
  start: number,
  from: number,
  to: number,
): void {
  for (let x = from; x < to; x++) {
    const at = start + x;
    const u = frame.u[at] ?? 0;
    const radius = shaftRadius(part.shaft, part.chamfer, u);
    const stretch = stretchAt(part.shaft, u);
    if (radius <= 0 || stretch === undefined) continue;
    const across = Math.max(-0.995, Math.min(0.995, (frame.v[at] ?? 0) / radius));
    frame.relief[at] = radius * Math.sqrt(1 - across * across) * scale;
    const wave = (2 * Math.PI) / stretch.pitch;
    const turn = Math.asin(across);
    const slope = marks.slope[x] ?? 0;
    const tone = marks.tone[x] ?? 1;
    if (stretch.surface === 'thread') {
      const phase = wave * u + turn;
      marks.slope[x] = slope + 0.75 * Math.sin(phase) + 0.2 * Math.sin(2 * phase);
      marks.tone[x] = tone * (0.72 - 0.3 * Math.cos(phase));
    } else if (stretch.surface === 'knurl') {
      const a = wave * u;
      const b = wave * turn * radius;
      marks.slope[x] = slope + 0.35 * (Math.sin(a + b) + Math.sin(a - b));
      marks.sideSlope[x] = 0.35 * (Math.sin(a + b) - Math.sin(a - b));
      marks.tone[x] = tone * (0.8 + 0.2 * Math.cos(a + b) * Math.cos(a - b));
    } else if (stretch.surface === 'ground') {
      marks.slope[x] = slope * 0.45;
      marks.tone[x] = 1 + (tone - 1) * 0.6;
    }
  }
}

/** Turns a row's marks into the picture's directions and gives the metal its colour. */
function layMarks(
  frame: Frame,
  part: Part,
  view: View,
  noise: NoiseLibrary,
  marks: MarkRow,
  start: number,
  from: number,
  to: number,
): void {
  const cos = Math.cos(view.angle);
  const sin = Math.sin(view.angle);
  const [red, green, blue] = part.metal;
  const { u, v, cover, slopeX, slopeY, metalR, metalG, metalB } = frame;
  const { acrossU, acrossV } = marks;
  for (let x = from; x < to; x++) {
    const at = start + x;
    if ((cover[at] ?? 0) === 0) continue;
    const ax = (acrossU[x] ?? 1) * cos - (acrossV[x] ?? 0) * sin;
    const ay = (acrossU[x] ?? 1) * sin + (acrossV[x] ?? 0) * cos;
    const slope = marks.slope[x] ?? 0;
    const side = marks.sideSlope[x] ?? 0;
    frame.acrossX[at] = ax;
    frame.acrossY[at] = ay;
    slopeX[at] = slope * ax - side * ay;
    slopeY[at] = slope * ay + side * ax;
    frame.rough[at] = marks.rough[x] ?? 0;
    const patch = sampleTile(noise.cloud, (u[at] ?? 0) * 0.18 + 60, (v[at] ?? 0) * 0.18 + 20);
    const tone = (marks.tone[x] ?? 1) * (1 + 0.035 * patch);
    metalR[at] = red * tone;
    metalG[at] = green * tone;
    metalB[at] = blue * tone;
  }
}
