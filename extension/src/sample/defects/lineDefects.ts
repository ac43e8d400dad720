import type { Random } from '../../core/random.ts';
import type { Defect, Patch } from './defect.ts';
import { between, chance, gaussian, pickWeighted, wholeBetween } from '../draw/draws.ts';
import { addCoat, raise, smear, tintMetal, type Frame } from '../draw/frame.ts';
import { mapStrokes, onImage, wander, wornStrength, type StrokePoint } from '../draw/strokes.ts';
import type { Point, View } from '../draw/view.ts';

/** One to five grooves side by side, with burrs along them: bright bare metal, seldom dark. */
export function scratch(frame: Frame, view: View, random: Random, defect: Defect): Patch {
  const length = between(random, 85, 135) * defect.size;
  const direction = defect.angle;
  const bend = between(random, 0.05, 0.9);
  const dark = chance(random, 0.06);
  const depth = between(random, 1, 2.2);
  const count = pickWeighted(random, [
    [1, 60],
    [2, 18],
    [3, 14],
    [5, 8],
  ] as const);
  const lines: StrokePoint[][] = [];
  for (let i = 0; i < count; i++) {
    const away = i === 0 ? 0 : gaussian(random) * (7 + count * 1.8);
    const own = length * (i === 0 ? 1 : between(random, 0.4, 0.95));
    const start = {
      x: defect.u - (Math.cos(direction) * own) / 2 - Math.sin(direction) * away,
      y: defect.v - (Math.sin(direction) * own) / 2 + Math.cos(direction) * away,
    };
    const widest = between(random, 2.4, count > 2 ? 2.9 : 3.6) * (0.75 + 0.25 * defect.size) * Math.sqrt(view.scale);
    const strength = wornStrength(random, between(random, 0, 0.3));
    const points = wander(random, start, direction + gaussian(random) * 0.03, own, 4, bend, 0.05);
    lines.push(onImage(view, points, (t) => widest * (0.7 + 0.3 * Math.sin(Math.PI * t)), strength));
  }
  const map = mapStrokes(lines, 3.6, frame.width, frame.height);
  const mask = new Float32Array(map.distance.length);
  const fresh = between(random, 0.8, 1.1) * defect.contrast;
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
      if (!dark) addCoat(frame, at, [0.72, 0.73, 0.74], Math.min(0.8, 0.6 * core * fresh));
    },
  };
}

/** A faint skirt, below any threshold of visibility, so that the burr beside the groove is painted too. */
function widened(
  mask: Float32Array,
  distance: Float32Array,
  radius: Float32Array,
  strength: Float32Array,
): Float32Array {
  const wide = mask.slice();
  for (let i = 0; i < wide.length; i++) {
    const near = (distance[i] ?? Infinity) < 3.6 * (radius[i] ?? 1) && (strength[i] ?? 0) > 0.02;
    if (near) wide[i] = Math.max(wide[i] ?? 0, 0.01);
  }
  return wide;
}

/** A dark broken line that branches. */
export function crack(frame: Frame, view: View, random: Random, defect: Defect): Patch {
  const length = between(random, 90, 135) * (0.3 + 0.7 * defect.size);
  const direction = defect.angle;
  const widest = between(random, 3.2, 4.8) * (0.7 + 0.3 * defect.size) * Math.sqrt(view.scale);
  const start = { x: defect.u - (Math.cos(direction) * length) / 2, y: defect.v - (Math.sin(direction) * length) / 2 };
  const trunk = jagged(random, start, direction, length);
  const lines = [
    onImage(
      view,
      trunk,
      (t) => widest * (1 - 0.65 * t),
      (t) => 1 - 0.3 * t,
    ),
  ];
  const branches = wholeBetween(random, 1, 4);
  for (let i = 0; i < branches; i++) {
    const at = Math.floor(between(random, 0.2, 0.85) * (trunk.length - 1));
    const from = trunk[at] ?? start;
    const way = direction + between(random, 0.35, 1) * (chance(random, 0.5) ? 1 : -1);
    const limb = jagged(random, from, way, length * between(random, 0.14, 0.4));
    const thick = widest * (1 - (0.65 * at) / trunk.length) * 0.75;
    lines.push(
      onImage(
        view,
        limb,
        (t) => thick * (1 - 0.7 * t),
        (t) => 0.95 - 0.4 * t,
      ),
    );
  }
  const map = mapStrokes(lines, 3.2, frame.width, frame.height);
  const mask = new Float32Array(map.distance.length);
  for (let i = 0; i < mask.length; i++) {
    const q = (map.distance[i] ?? Infinity) / Math.max(0.45, map.radius[i] ?? 1);
    if (q < 3.2) mask[i] = (map.strength[i] ?? 0) * Math.exp(-q * q * 0.9);
  }
  const dark = between(random, 0.9, 0.98) * Math.sqrt(defect.contrast);
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
