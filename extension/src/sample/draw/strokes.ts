import type { Random } from '../../core/random.ts';
import { between, gaussian } from './draws.ts';
import { clippedBox, toImage, type PixelBox, type Point, type View } from './view.ts';

/** A point of a line in image pixels with the line's half width there and how strongly it shows, 0 to 1. */
export interface StrokePoint extends Point {
  readonly radius: number;
  readonly strength: number;
}

/** For each pixel of a box the nearest line: distance, its half width, strength, and the signed side. */
export interface StrokeMap {
  readonly box: PixelBox;
  readonly distance: Float32Array;
  readonly radius: Float32Array;
  readonly strength: Float32Array;
  readonly side: Float32Array;
}

/** Measures lines up to `reach` half widths away. Pixels further out have distance Infinity. */
export function mapStrokes(
  lines: readonly (readonly StrokePoint[])[],
  reach: number,
  width: number,
  height: number,
): StrokeMap {
  const points = lines.flat();
  const widest = points.reduce((most, point) => Math.max(most, point.radius), 0.5);
  const margin = widest * reach + 2;
  const box = clippedBox(points, margin, width, height);
  const columns = box.right - box.left;
  const size = Math.max(0, columns * (box.bottom - box.top));
  const map: StrokeMap = {
    box,
    distance: new Float32Array(size).fill(Infinity),
    radius: new Float32Array(size),
    strength: new Float32Array(size),
    side: new Float32Array(size),
  };
  for (const line of lines) {
    for (let i = 1; i < line.length; i++) {
      const from = line[i - 1];
      const to = line[i];
      if (from !== undefined && to !== undefined) mapSegment(map, columns, from, to, margin);
    }
  }
  return map;
}

function mapSegment(map: StrokeMap, columns: number, from: StrokePoint, to: StrokePoint, margin: number): void {
  const { box } = map;
  const dx = to.x - from.x;
  const dy = to.y - from.y;
  const squared = dx * dx + dy * dy + 1e-6;
  const length = Math.sqrt(squared);
  const left = Math.max(box.left, Math.floor(Math.min(from.x, to.x) - margin));
  const right = Math.min(box.right, Math.ceil(Math.max(from.x, to.x) + margin));
  const top = Math.max(box.top, Math.floor(Math.min(from.y, to.y) - margin));
  const bottom = Math.min(box.bottom, Math.ceil(Math.max(from.y, to.y) + margin));
  for (let y = top; y < bottom; y++) {
    for (let x = left, at = (y - box.top) * columns + (left - box.left); x < right; x++, at++) {
      const px = x + 0.5 - from.x;
      const py = y + 0.5 - from.y;
      const t = Math.max(0, Math.min(1, (px * dx + py * dy) / squared));
      const ox = px - t * dx;
      const oy = py - t * dy;
      const distance = Math.sqrt(ox * ox + oy * oy);
      if (distance >= (map.distance[at] ?? 0)) continue;
      map.distance[at] = distance;
      map.radius[at] = from.radius + (to.radius - from.radius) * t;
      map.strength[at] = from.strength + (to.strength - from.strength) * t;
      map.side[at] = (dx * py - dy * px) / length;
    }
  }
}

/** A curve from a start in a direction: it bends slowly and trembles a little. Part units; about `step` per point. */
export function wander(
  random: Random,
  start: Point,
  direction: number,
  length: number,
  step: number,
  bend: number,
  tremble: number,
): Point[] {
  const points: Point[] = [start];
  let { x, y } = start;
  let heading = direction;
  const turn = bend * gaussian(random);
  for (let done = 0; done < length; done += step) {
    heading += (turn * step) / length;
    const here = heading + tremble * gaussian(random);
    x += Math.cos(here) * step;
    y += Math.sin(here) * step;
    points.push({ x, y });
  }
  return points;
}

/** Points of the part plane as a line of the image: half widths and strengths by position, 0 to 1 along the line. */
export function onImage(
  view: View,
  points: readonly Point[],
  radius: (t: number) => number,
  strength: (t: number) => number,
): StrokePoint[] {
  return points.map((point, i) => {
    const t = points.length > 1 ? i / (points.length - 1) : 0;
    return { ...toImage(view, point.x, point.y), radius: radius(t), strength: strength(t) };
  });
}

/** Strength along a worn line: tapering ends, weaker stretches between. */
export function wornStrength(random: Random, gaps: number): (t: number) => number {
  const phase = between(random, 0, 6);
  const beat = between(random, 4, 11);
  const taper = between(random, 0.03, 0.12);
  return (t) => {
    const ends = Math.min(1, t / taper, (1 - t) / taper);
    const wear = 1 - gaps * (0.5 + 0.5 * Math.sin(phase + beat * t) * Math.sin(2.7 * beat * t));
    return Math.max(0, (0.6 + 0.4 * ends) * wear);
  };
}
