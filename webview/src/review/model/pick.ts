import type { ShownBox } from './boxes.ts';
import { area, handlePoint, handles, type Handle, type Point, type Rect } from './geometry.ts';
import { rectToCanvas, toImage, type Viewport } from './viewport.ts';

/** How far beside a line or handle a pointer still grabs it, in CSS pixels. */
const reach = 6;

/**
 * The box under a point of the canvas: the smallest of those that contain it, kept ones before offered ones; the
 * selected one wins where it is as good.
 */
export function pickBox(
  shown: readonly ShownBox[],
  viewport: Viewport,
  point: Point,
  selected: number | null,
): ShownBox | null {
  const at = toImage(viewport, point);
  const slack = reach / viewport.scale;
  let best: ShownBox | null = null;
  let bestRank = Infinity;
  for (const one of shown) {
    const { box } = one;
    if (at.x < box.x1 - slack || at.x > box.x2 + slack || at.y < box.y1 - slack || at.y > box.y2 + slack) continue;
    const rank = area(box) * (box.key === selected ? 1 - 1e-9 : 1) * (one.status === 'offered' ? 1.5 : 1);
    if (rank < bestRank) {
      best = one;
      bestRank = rank;
    }
  }
  return best;
}

/** The handle of a box under a point of the canvas. Handles of small boxes stand off, so that the box can be grabbed. */
export function pickHandle(rect: Rect, viewport: Viewport, point: Point): Handle | null {
  let best: Handle | null = null;
  let bestDistance = reach + 2;
  for (const [handle, at] of handlePlaces(rect, viewport)) {
    const distance = Math.hypot(at.x - point.x, at.y - point.y);
    if (distance < bestDistance) {
      best = handle;
      bestDistance = distance;
    }
  }
  return best;
}

/** Where the handles of a box are drawn, in CSS pixels of the canvas. */
export function handlePlaces(rect: Rect, viewport: Viewport): (readonly [Handle, Point])[] {
  const on = rectToCanvas(viewport, rect);
  const padX = Math.max(0, (28 - (on.x2 - on.x1)) / 2);
  const padY = Math.max(0, (28 - (on.y2 - on.y1)) / 2);
  const padded = { x1: on.x1 - padX, y1: on.y1 - padY, x2: on.x2 + padX, y2: on.y2 + padY };
  return handles.map((handle) => [handle, handlePoint(padded, handle)] as const);
}
