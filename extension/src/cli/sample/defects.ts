import { createRandom, type Random } from '../../core/random.ts';
import { between, chance, gaussian, pickWeighted, wholeBetween } from './draws.ts';
import { addCoat, raise, smear, tintMetal, topFace, type Frame, type Rgb } from './frame.ts';
import { sampleTile, smoothStep, type NoiseLibrary } from './noise.ts';
import { mapStrokes, onImage, wander, wornStrength, type StrokePoint } from './strokes.ts';
import { pixelsOfDisc, type PixelBox, type Point, type View } from './view.ts';

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

/** Prepares a defect for a frame and view without touching the frame. */
export function prepareDefect(frame: Frame, view: View, noise: NoiseLibrary, defect: Defect): Patch {
  const random = createRandom(defect.seed);
  if (defect.kind === 'scratch') return scratch(frame, view, random, defect);
  if (defect.kind === 'dent') return dent(frame, view, noise, random, defect);
  if (defect.kind === 'stain') return stain(frame, view, noise, random, defect);
  return crack(frame, view, random, defect);
}

/** Puts a prepared defect onto the worked face. */
export function applyPatch(frame: Frame, patch: Patch): void {
  const { box, mask } = patch;
  let index = 0;
  for (let y = box.top; y < box.bottom; y++) {
    for (let at = y * frame.width + box.left, end = y * frame.width + box.right; at < end; at++, index++) {
      if ((mask[index] ?? 0) > 0.002 && frame.zone[at] === topFace) patch.paint(at, index);
    }
  }
}

function scratch(frame: Frame, view: View, random: Random, defect: Defect): Patch {
  const length = between(random, 45, 190) * defect.size;
  const direction = defect.angle;
  const bend = between(random, 0.05, 0.9);
  const dark = chance(random, 0.22);
  const depth = between(random, 0.7, 1.6);
  const count = pickWeighted(random, [[1, 60], [2, 18], [3, 14], [5, 8]] as const);
  const lines: StrokePoint[][] = [];
  for (let i = 0; i < count; i++) {
    const away = i === 0 ? 0 : gaussian(random) * (5 + count * 1.6);
    const own = length * (i === 0 ? 1 : between(random, 0.4, 0.95));
    const start = {
      x: defect.u - (Math.cos(direction) * own) / 2 - Math.sin(direction) * away,
      y: defect.v - (Math.sin(direction) * own) / 2 + Math.cos(direction) * away,
    };
    const widest = between(random, 0.8, count > 2 ? 1.1 : 1.9) * (0.75 + 0.25 * defect.size) * Math.sqrt(view.scale);
    const strength = wornStrength(random, between(random, 0, 0.45));
    const points = wander(random, start, direction + gaussian(random) * 0.03, own, 4, bend, 0.05);
    lines.push(onImage(view, points, (t) => widest * (0.55 + 0.45 * Math.sin(Math.PI * t)), strength));
  }
  const map = mapStrokes(lines, 3.6, frame.width, frame.height);
  const mask = new Float32Array(map.distance.length);
  const fresh = between(random, 0.5, 0.95) * defect.contrast;
  for (let i = 0; i < mask.length; i++) {
    const q = (map.distance[i] ?? Infinity) / (map.radius[i] ?? 1);
    if (q < 3.6) mask[i] = (map.strength[i] ?? 0) * Math.exp(-q * q);
  }
  return {
    box: map.box,
    mask: widened(mask, map.distance, map.radius, map.strength),
    paint: (at, i) => {
      const core = mask[i] ?? 0;
      const q = (map.side[i] ?? 0) / (map.radius[i] ?? 1);
      const burr = (map.strength[i] ?? 0) * Math.exp(-(Math.abs(q) - 2) * (Math.abs(q) - 2) * 1.4);
      raise(frame, at, defect.contrast * depth * (0.4 * burr - core));
      const gain = dark ? 1 - 0.72 * fresh * core : 1 + 0.85 * fresh * core;
      tintMetal(frame, at, gain, gain, gain);
      smear(frame, at, 1 - 0.8 * core, (dark ? 0.1 : 0.75) * core * defect.contrast);
      if (!dark) addCoat(frame, at, [0.72, 0.73, 0.74], 0.42 * core * fresh);
    },
  };
}

/** A faint skirt, below any threshold of visibility, so that the burr beside the groove is painted too. */
function widened(mask: Float32Array, distance: Float32Array, radius: Float32Array, strength: Float32Array): Float32Array {
  const wide = mask.slice();
  for (let i = 0; i < wide.length; i++) {
    const near = (distance[i] ?? Infinity) < 3.6 * (radius[i] ?? 1) && (strength[i] ?? 0) > 0.02;
    if (near) wide[i] = Math.max(wide[i] ?? 0, 0.01);
  }
  return wide;
}

function dent(frame: Frame, view: View, noise: NoiseLibrary, random: Random, defect: Defect): Patch {
  const radius = between(random, 11, 34) * (0.3 + 0.7 * defect.size);
  const stretch = between(random, 0.55, 1);
  const { angle } = defect;
  const steep = between(random, 0.42, 0.85) * defect.contrast;
  const depth = (steep * radius * stretch * view.scale) / 1.54;
  const offset = between(random, 0, 500);
  const gouge = chance(random, 0.3);
  const uneven = between(random, 0.05, 0.13);
  const box = pixelsOfDisc(view, defect.u, defect.v, radius * 1.5, frame.width, frame.height);
  const columns = box.right - box.left;
  const mask = new Float32Array(Math.max(0, columns * (box.bottom - box.top)));
  const profile = new Float32Array(mask.length);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  let i = 0;
  for (let y = box.top; y < box.bottom; y++) {
    for (let at = y * frame.width + box.left, end = y * frame.width + box.right; at < end; at++, i++) {
      const du = (frame.u[at] ?? 0) - defect.u;
      const dv = (frame.v[at] ?? 0) - defect.v;
      const along = du * cos + dv * sin;
      const across = (dv * cos - du * sin) / stretch;
      const lumps = sampleTile(noise.cloud, offset + (du * 9) / radius, offset + (dv * 9) / radius);
      const rho = (Math.sqrt(along * along + across * across) / radius) * (1 + uneven * lumps);
      if (rho > 1.4) continue;
      const bowl = rho < 1 ? (1 - rho * rho) * (1 - rho * rho) : 0;
      const lip = Math.exp(-(rho - 1.08) * (rho - 1.08) * 42);
      profile[i] = 0.16 * lip - (gouge ? Math.min(0.62, bowl) * 1.35 : bowl);
      mask[i] = Math.max(0.01, smoothStep(1.14, 0.94, rho));
    }
  }
  const dirt = chance(random, 0.5) ? between(random, 0.1, 0.4) : 0;
  return {
    box,
    mask,
    paint: (at, index) => {
      const inside = mask[index] ?? 0;
      raise(frame, at, depth * (profile[index] ?? 0));
      smear(frame, at, 1 - 0.65 * inside, 0.25 * inside);
      const deep = 1 - dirt * Math.max(0, -(profile[index] ?? 0)) * defect.contrast;
      tintMetal(frame, at, deep, deep, deep);
    },
  };
}

function stain(frame: Frame, view: View, noise: NoiseLibrary, random: Random, defect: Defect): Patch {
  const kind = pickWeighted(random, [['rust', 45], ['oil', 27], ['water', 14], ['heat', 14]] as const);
  const radius = between(random, 20, 62) * (0.25 + 0.75 * defect.size);
  const stretch = between(random, 0.5, 1);
  const { angle } = defect;
  const offset = between(random, 0, 500);
  const ragged = kind === 'rust' ? between(random, 0.35, 0.6) : between(random, 0.12, 0.3);
  const box = pixelsOfDisc(view, defect.u, defect.v, radius * 1.9, frame.width, frame.height);
  const mask = new Float32Array(Math.max(0, (box.right - box.left) * (box.bottom - box.top)));
  const inside = new Float32Array(mask.length);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  let i = 0;
  for (let y = box.top; y < box.bottom; y++) {
    for (let at = y * frame.width + box.left, end = y * frame.width + box.right; at < end; at++, i++) {
      const du = (frame.u[at] ?? 0) - defect.u;
      const dv = (frame.v[at] ?? 0) - defect.v;
      const along = (du * cos + dv * sin) / radius;
      const across = (dv * cos - du * sin) / (radius * stretch);
      const rho = Math.sqrt(along * along + across * across);
      if (rho > 1.7) continue;
      const level = 1 - rho + ragged * sampleTile(noise.cloud, offset + along * 46, offset + across * 46) * (1 - 0.35 * rho);
      inside[i] = level;
      mask[i] = smoothStep(0, kind === 'rust' ? 0.3 : 0.14, level);
    }
  }
  const strength = defect.contrast * between(random, 0.75, 1);
  const speckleAt = between(random, 0, 500);
  const rust: Rgb = [between(random, 0.15, 0.25), between(random, 0.062, 0.095), between(random, 0.02, 0.036)];
  return {
    box,
    mask,
    paint: (at, index) => {
      const amount = (mask[index] ?? 0) * strength;
      const level = inside[index] ?? 0;
      const x = speckleAt + (frame.u[at] ?? 0);
      const y = speckleAt + (frame.v[at] ?? 0);
      if (kind === 'rust') {
        const speckle = sampleTile(noise.cloud, x * 2.1, y * 2.1);
        const tone = Math.max(0.25, 1 + 0.42 * speckle);
        addCoat(frame, at, [rust[0] * tone, rust[1] * tone, rust[2] * tone], amount * Math.min(0.93, 0.62 + 0.28 * speckle + 0.3 * level));
        smear(frame, at, 1 - 0.4 * amount, 0.5 * amount);
      } else if (kind === 'oil') {
        const pool = 0.62 - 0.12 * smoothStep(0, 0.5, level);
        tintMetal(frame, at, 1 - amount * (1 - pool), 1 - amount * (1 - pool * 0.87), 1 - amount * (1 - pool * 0.6));
        smear(frame, at, 1 - 0.72 * amount, 0);
        raise(frame, at, 1.6 * amount * smoothStep(0, 0.25, level));
      } else if (kind === 'water') {
        const rim = Math.exp(-(level - 0.09) * (level - 0.09) * 260);
        const dull = 1 - amount * (0.16 + 0.42 * rim);
        tintMetal(frame, at, dull, dull * (1 - 0.04 * amount), dull * (1 - 0.12 * amount));
        smear(frame, at, 1, 0.35 * amount);
      } else {
        // Temper colours from the outside in: straw, brown, purple, blue.
        const heat = Math.min(1, Math.max(0, level * 1.3));
        const r = 1 - amount * (0.08 + 0.62 * smoothStep(0.35, 0.85, heat));
        const g = 1 - amount * (0.2 + 0.45 * smoothStep(0.15, 0.5, heat) - 0.1 * smoothStep(0.7, 1, heat));
        const b = 1 - amount * (0.62 - 0.5 * smoothStep(0.35, 0.75, heat));
        tintMetal(frame, at, r, g, b);
      }
    },
  };
}

function crack(frame: Frame, view: View, random: Random, defect: Defect): Patch {
  const length = between(random, 55, 150) * (0.3 + 0.7 * defect.size);
  const direction = defect.angle;
  const widest = between(random, 1, 1.9) * (0.7 + 0.3 * defect.size) * Math.sqrt(view.scale);
  const start = { x: defect.u - (Math.cos(direction) * length) / 2, y: defect.v - (Math.sin(direction) * length) / 2 };
  const trunk = jagged(random, start, direction, length);
  const lines = [onImage(view, trunk, (t) => widest * (1 - 0.65 * t), (t) => 1 - 0.3 * t)];
  const branches = wholeBetween(random, 1, 4);
  for (let i = 0; i < branches; i++) {
    const at = Math.floor(between(random, 0.2, 0.85) * (trunk.length - 1));
    const from = trunk[at] ?? start;
    const way = direction + between(random, 0.35, 1) * (chance(random, 0.5) ? 1 : -1);
    const limb = jagged(random, from, way, length * between(random, 0.14, 0.4));
    const thick = widest * (1 - (0.65 * at) / trunk.length) * 0.75;
    lines.push(onImage(view, limb, (t) => thick * (1 - 0.7 * t), (t) => 0.95 - 0.4 * t));
  }
  const map = mapStrokes(lines, 3.2, frame.width, frame.height);
  const mask = new Float32Array(map.distance.length);
  for (let i = 0; i < mask.length; i++) {
    const q = (map.distance[i] ?? Infinity) / Math.max(0.45, map.radius[i] ?? 1);
    if (q < 3.2) mask[i] = (map.strength[i] ?? 0) * Math.exp(-q * q * 0.9);
  }
  const dark = between(random, 0.8, 0.97) * Math.sqrt(defect.contrast);
  return {
    box: map.box,
    mask: widened(mask, map.distance, map.radius, map.strength),
    paint: (at, index) => {
      const core = mask[index] ?? 0;
      const q = (map.side[index] ?? 0) / Math.max(0.45, map.radius[index] ?? 1);
      const edge = Math.exp(-(q - 1.9) * (q - 1.9) * 2) * (map.strength[index] ?? 0);
      const gain = (1 - dark * core) * (1 + 0.3 * edge * defect.contrast);
      tintMetal(frame, at, gain, gain, gain);
      raise(frame, at, -0.8 * core * defect.contrast);
      addCoat(frame, at, [0.02, 0.017, 0.014], 0.85 * dark * core);
    },
  };
}

/** A broken line: it keeps its general direction and changes course at every few units. */
function jagged(random: Random, start: Point, direction: number, length: number): Point[] {
  const points: Point[] = [start];
  let { x, y } = start;
  let heading = direction;
  let done = 0;
  while (done < length) {
    heading = direction + (heading - direction) * 0.45 + gaussian(random) * 0.48;
    const step = between(random, 3, 9);
    x += Math.cos(heading) * step;
    y += Math.sin(heading) * step;
    done += step;
    points.push({ x, y });
  }
  return points;
}
