import { topFace, type Frame, type Rgb } from './frame.ts';
import type { StrokeMap } from './strokes.ts';

/** Puts a colour between camera and part where it is at least as opaque as what is there. */
export function setOver(frame: Frame, at: number, colour: Rgb, opacity: number): void {
  if (opacity <= 0.004) return;
  const before = frame.overA[at] ?? 0;
  const after = opacity + before * (1 - opacity);
  const share = opacity / after;
  frame.overR[at] = (frame.overR[at] ?? 0) * (1 - share) + colour[0] * share;
  frame.overG[at] = (frame.overG[at] ?? 0) * (1 - share) + colour[1] * share;
  frame.overB[at] = (frame.overB[at] ?? 0) * (1 - share) + colour[2] * share;
  frame.overA[at] = after;
}

/** Visits the pixels near mapped lines: distance and signed side in half widths. `anywhere`: also off the face. */
export function eachStroke(
  frame: Frame,
  map: StrokeMap,
  visit: (at: number, q: number, strength: number, side: number, index: number) => void,
  anywhere = false,
): void {
  let index = 0;
  for (let y = map.box.top; y < map.box.bottom; y++) {
    for (let at = y * frame.width + map.box.left, end = y * frame.width + map.box.right; at < end; at++, index++) {
      const radius = map.radius[index] ?? 0;
      const q = (map.distance[index] ?? Infinity) / radius;
      if (!(q < 4)) continue;
      if (anywhere || frame.zone[at] === topFace) {
        visit(at, q, map.strength[index] ?? 0, (map.side[index] ?? 0) / radius, (at % frame.width) + y * 0.7);
      }
    }
  }
}
