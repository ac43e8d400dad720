import { createRandom, type Random } from '../../core/random.ts';
import { layChips, layDust } from './debris.ts';
import { between, chance, gaussian, pick, wholeBetween } from '../draw/draws.ts';
import { addCoat, raise, smear, tintMetal, topFace, type Frame, type Rgb } from '../draw/frame.ts';
import { drawPartNumber, textStrokes } from './lettering.ts';
import { sampleTile, smoothStep, type NoiseLibrary } from '../draw/noise.ts';
import { eachStroke } from '../draw/over.ts';
import { mapStrokes, onImage, type StrokePoint } from '../draw/strokes.ts';
import { pixelsOfDisc, type Point, type View } from '../draw/view.ts';

/** Something on the part that is no defect. */
export interface Distractor {
  readonly kind: 'drops' | 'print' | 'chalk' | 'text' | 'code' | 'dust' | 'chips';
  readonly u: number;
  readonly v: number;
  readonly seed: number;
}

/** Lays a distractor into the frame's layers (before lighting). `light` points to the main lamp in the picture. */
export function layDistractor(
  frame: Frame,
  view: View,
  noise: NoiseLibrary,
  item: Distractor,
  partAngle: number,
  light: Point,
): void {
  const random = createRandom(item.seed);
  if (item.kind === 'drops') layDrops(frame, view, noise, random, item, light);
  else if (item.kind === 'print') layFingerprint(frame, view, noise, random, item);
  else if (item.kind === 'chalk') layChalk(frame, view, noise, random, item);
  else if (item.kind === 'text') layText(frame, view, random, item, partAngle);
  else if (item.kind === 'code') layCode(frame, view, random, item, partAngle);
  else if (item.kind === 'dust') layDust(frame, view, random);
  else layChips(frame, view, random, { x: item.u, y: item.v });
}

/** Coolant drops: little lenses with a dark rim, a glint towards the lamp and its gathered light on the other side. */
function layDrops(frame: Frame, view: View, noise: NoiseLibrary, random: Random, item: Distractor, light: Point): void {
  const lightU = light.x * Math.cos(view.angle) + light.y * Math.sin(view.angle);
  const lightV = light.y * Math.cos(view.angle) - light.x * Math.sin(view.angle);
  const count = wholeBetween(random, 2, 9);
  const milky = chance(random, 0.4);
  for (let n = 0; n < count; n++) {
    const u = item.u + gaussian(random) * 48;
    const v = item.v + gaussian(random) * 48;
    const radius = between(random, 2.5, 11) * (n === 0 ? 1.3 : 1);
    const stretch = between(random, 0.75, 1.25);
    const box = pixelsOfDisc(view, u, v, radius * 1.4, frame.width, frame.height);
    for (let y = box.top; y < box.bottom; y++) {
      for (let at = y * frame.width + box.left, end = y * frame.width + box.right; at < end; at++) {
        if (frame.zone[at] !== topFace) continue;
        const du = ((frame.u[at] ?? 0) - u) / (radius * stretch);
        const dv = (((frame.v[at] ?? 0) - v) / radius) * stretch;
        const bend = 0.12 * sampleTile(noise.cloud, u + du * 22, v + dv * 22);
        const rho = Math.sqrt(du * du + dv * dv) + bend;
        if (rho > 1) continue;
        const inside = smoothStep(1, 0.88, rho);
        raise(frame, at, radius * view.scale * 0.4 * Math.sqrt(Math.max(0, 1 - rho * rho)) * inside);
        const away = -(du * lightU + dv * lightV);
        const rim = 1 - 0.34 * inside * smoothStep(0.4, 0.95, rho) * (0.65 - 0.35 * away);
        const clear = (1 - 0.14 * inside) * (1 + 0.4 * inside * Math.max(0, away));
        tintMetal(frame, at, rim * clear, rim * clear, rim * clear * 1.02);
        const glint = Math.hypot(du - 0.42 * lightU, dv - 0.42 * lightV);
        if (glint < 0.3) addCoat(frame, at, [1.1, 1.1, 1.1], 0.85 * smoothStep(0.26, 0.12, glint));
        smear(frame, at, 1 - 0.75 * inside, 0);
        if (milky) addCoat(frame, at, [0.62, 0.66, 0.66], 0.16 * inside);
      }
    }
  }
}

function layFingerprint(frame: Frame, view: View, noise: NoiseLibrary, random: Random, item: Distractor): void {
  const radius = between(random, 18, 34);
  const angle = between(random, 0, Math.PI);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  const ridge = between(random, 3.4, 4.6);
  const box = pixelsOfDisc(view, item.u, item.v, radius * 1.6, frame.width, frame.height);
  for (let y = box.top; y < box.bottom; y++) {
    for (let at = y * frame.width + box.left, end = y * frame.width + box.right; at < end; at++) {
      if (frame.zone[at] !== topFace) continue;
      const du = (frame.u[at] ?? 0) - item.u;
      const dv = (frame.v[at] ?? 0) - item.v;
      const a = du * cos + dv * sin;
      const b = (dv * cos - du * sin) * 0.72;
      const warp = 5 * sampleTile(noise.cloud, item.u + du * 0.5, item.v + dv * 0.5);
      const rho = Math.sqrt(a * a + b * b);
      const loops = 0.5 + 0.5 * Math.cos((2 * Math.PI * (Math.sqrt(a * a + b * b * 2.2 + 12) + warp)) / ridge);
      const amount = smoothStep(radius, radius * 0.6, rho + warp) * (0.35 + 0.65 * loops);
      const dull = 1 - 0.17 * amount;
      tintMetal(frame, at, dull, dull, dull * 0.98);
      smear(frame, at, 1 - 0.3 * amount, 0.12 * amount);
    }
  }
}

/** A quick mark of an inspector's chalk or paint pen: a tick, a circle, a cross, a line. */
function layChalk(frame: Frame, view: View, noise: NoiseLibrary, random: Random, item: Distractor): void {
  const colour = pick<Rgb>(random, [
    [0.72, 0.72, 0.68],
    [0.75, 0.58, 0.08],
    [0.05, 0.13, 0.42],
    [0.5, 0.05, 0.05],
    [0.03, 0.03, 0.035],
  ]);
  const size = between(random, 16, 44);
  const turn = between(random, 0, 6.3);
  const shape = pick(random, ['tick', 'circle', 'cross', 'line'] as const);
  const path = (points: readonly (readonly [number, number])[]): StrokePoint[] =>
    onImage(
      view,
      points.map(([x, y]) => ({
        x: item.u + size * (x * Math.cos(turn) - y * Math.sin(turn)) + gaussian(random) * 0.8,
        y: item.v + size * (x * Math.sin(turn) + y * Math.cos(turn)) + gaussian(random) * 0.8,
      })),
      () => between(random, 2.4, 3.4) * view.scale,
      () => 1,
    );
  const ring = Array.from(
    { length: 26 },
    (_, i) => [Math.cos(i * 0.252) * (1 + i * 0.004), Math.sin(i * 0.252)] as const,
  );
  const lines = {
    tick: [
      path([
        [-0.6, 0],
        [-0.1, 0.6],
        [1, -0.8],
      ]),
    ],
    circle: [path(ring)],
    cross: [
      path([
        [-0.8, -0.8],
        [0, 0.05],
        [0.8, 0.8],
      ]),
      path([
        [0.8, -0.75],
        [0, 0],
        [-0.8, 0.8],
      ]),
    ],
    line: [
      path([
        [-1.3, 0.1],
        [-0.4, -0.05],
        [0.5, 0.06],
        [1.3, -0.02],
      ]),
    ],
  }[shape];
  const chalky = between(random, 0.2, 0.9);
  eachStroke(frame, mapStrokes(lines, 1.3, frame.width, frame.height), (at, q) => {
    const crumbs = sampleTile(noise.cloud, (frame.u[at] ?? 0) * 3 + item.u, (frame.v[at] ?? 0) * 3 + item.v);
    const opacity = smoothStep(1.15, 0.8, q) * Math.min(1, Math.max(0, 0.92 - chalky * 0.45 * (crumbs + 0.4)));
    addCoat(frame, at, colour, opacity);
  });
}

function layText(frame: Frame, view: View, random: Random, item: Distractor, partAngle: number): void {
  const height = between(random, 13, 24);
  const stamped = chance(random, 0.5);
  const cos = Math.cos(partAngle);
  const sin = Math.sin(partAngle);
  const lines = textStrokes(drawPartNumber(random)).map((stroke) =>
    onImage(
      view,
      stroke.map((p) => ({
        x: item.u + height * (p.x * cos - p.y * sin),
        y: item.v + height * (p.x * sin + p.y * cos),
      })),
      () => Math.max(0.8, height * 0.065 * view.scale),
      () => 1,
    ),
  );
  const dark = between(random, 0.35, 0.7);
  eachStroke(frame, mapStrokes(lines, 2.4, frame.width, frame.height), (at, q) => {
    const core = Math.exp(-q * q * q * q * 0.7);
    if (stamped) raise(frame, at, -1.5 * core);
    const gain = 1 - (stamped ? dark * 0.6 : dark) * core;
    tintMetal(frame, at, gain, gain, gain);
    smear(frame, at, 1 - 0.7 * core, 0.35 * core);
  });
}

/** A laser-marked data matrix. */
function layCode(frame: Frame, view: View, random: Random, item: Distractor, partAngle: number): void {
  const cells = pick(random, [10, 12, 14]);
  const cell = between(random, 2.6, 4.4);
  const half = (cells * cell) / 2;
  const bits = Array.from({ length: cells * cells }, (_, i) => {
    const x = i % cells;
    const y = Math.floor(i / cells);
    if (x === 0 || y === cells - 1) return true;
    if (y === 0) return x % 2 === 0;
    if (x === cells - 1) return y % 2 === 1;
    return chance(random, 0.5);
  });
  const dark = between(random, 0.5, 0.8);
  const box = pixelsOfDisc(view, item.u, item.v, half * 1.5, frame.width, frame.height);
  for (let y = box.top; y < box.bottom; y++) {
    for (let at = y * frame.width + box.left, end = y * frame.width + box.right; at < end; at++) {
      if (frame.zone[at] !== topFace) continue;
      const du = (frame.u[at] ?? 0) - item.u;
      const dv = (frame.v[at] ?? 0) - item.v;
      const x = du * Math.cos(partAngle) + dv * Math.sin(partAngle) + half;
      const y2 = dv * Math.cos(partAngle) - du * Math.sin(partAngle) + half;
      if (x < -cell || y2 < -cell || x > 2 * half + cell || y2 > 2 * half + cell) continue;
      const inside = x >= 0 && y2 >= 0 && x < 2 * half && y2 < 2 * half;
      const marked = inside && bits[Math.floor(y2 / cell) * cells + Math.floor(x / cell)] === true;
      const gain = marked ? 1 - dark : 1.05;
      tintMetal(frame, at, gain, gain, gain);
      smear(frame, at, 0.5, 0.35);
    }
  }
}
