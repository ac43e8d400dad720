import type { ShownBox } from './boxes.ts';
import { area, clamp, handlePoint, handles, type Handle, type Point, type Rect } from './geometry.ts';
import { rectToCanvas, toImage, type Viewport } from './viewport.ts';

/** Maximum distance of the pointer from a box or from a handle that it grabs, in CSS pixels. */
const boxReach = 6;
const handleReach = 8;
/** Half the side of a handle as it is painted. */
const leastHandleReach = 3.5;

/** Small boxes are grabbed from less far, so that the next box can be drawn close to them. */
function reachOf(rect: Rect, scale: number, least: number, most: number): number {
  const side = Math.min(rect.x2 - rect.x1, rect.y2 - rect.y1) * scale;
  return clamp(side / 8, least, most);
}

/**
 * The box at a point of the canvas: the smallest one that contains the point. Kept boxes have priority over offered ones,
 * and the selected box over a box of the same size.
 */
export function boxAt(
  shown: readonly ShownBox[],
  viewport: Viewport,
  point: Point,
  selected: number | null,
): ShownBox | null {
  const at = toImage(viewport, point);
  let best: ShownBox | null = null;
  let bestRank = Infinity;
  for (const one of shown) {
    const { box } = one;
    const slack = reachOf(box, viewport.scale, 1, boxReach) / viewport.scale;
    if (at.x < box.x1 - slack || at.x > box.x2 + slack || at.y < box.y1 - slack || at.y > box.y2 + slack) continue;
    const rank = area(box) * (box.key === selected ? 1 - 1e-9 : 1) * (one.status === 'offered' ? 1.5 : 1);
    if (rank < bestRank) {
      best = one;
      bestRank = rank;
    }
  }
  return best;
}

/** The handle of a box at a point of the canvas. Handles of small boxes have a distance from the box, which stays grabbable. */
export function handleAt(rect: Rect, viewport: Viewport, point: Point): Handle | null {
  let best: Handle | null = null;
  let bestDistance = reachOf(rect, viewport.scale, leastHandleReach, handleReach);
  for (const [handle, at] of handlePositions(rect, viewport)) {
    const distance = Math.hypot(at.x - point.x, at.y - point.y);
    if (distance < bestDistance) {
      best = handle;
      bestDistance = distance;
    }
  }
  return best;
}

/** The positions of the handles of a box, in CSS pixels of the canvas. */
export function handlePositions(rect: Rect, viewport: Viewport): (readonly [Handle, Point])[] {
  const on = rectToCanvas(viewport, rect);
  const padX = Math.max(0, (28 - (on.x2 - on.x1)) / 2);
  const padY = Math.max(0, (28 - (on.y2 - on.y1)) / 2);
  const padded = { x1: on.x1 - padX, y1: on.y1 - padY, x2: on.x2 + padX, y2: on.y2 + padY };
  return handles.map((handle) => [handle, handlePoint(padded, handle)] as const);
}
