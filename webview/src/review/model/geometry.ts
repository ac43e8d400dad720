/** Boxes and points are in pixels of the image, x to the right and y down. Boxes have x1 < x2 and y1 < y2. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Rect {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export const handles = ['nw', 'n', 'ne', 'e', 'se', 's', 'sw', 'w'] as const;
export type Handle = (typeof handles)[number];
export type Edge = 'left' | 'top' | 'right' | 'bottom';

/** The minimum width and height of a box, in pixels of the image. */
export const minSide = 1;

export function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

export function area(rect: Rect): number {
  return (rect.x2 - rect.x1) * (rect.y2 - rect.y1);
}

/** Intersection over union, 0…1. */
export function overlap(a: Rect, b: Rect): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  if (width <= 0 || height <= 0) return 0;
  return (width * height) / (area(a) + area(b) - width * height);
}

/** The distance of a point from a box, 0 inside it. */
export function distanceTo(rect: Rect, point: Point): number {
  const x = Math.max(rect.x1 - point.x, 0, point.x - rect.x2);
  const y = Math.max(rect.y1 - point.y, 0, point.y - rect.y2);
  return Math.hypot(x, y);
}

/** Moves a box within the image. Its size does not change. */
export function moveRect(rect: Rect, dx: number, dy: number, image: Size): Rect {
  const x = clamp(dx, Math.min(0, -rect.x1), Math.max(0, image.width - rect.x2));
  const y = clamp(dy, Math.min(0, -rect.y1), Math.max(0, image.height - rect.y2));
  return { x1: rect.x1 + x, y1: rect.y1 + y, x2: rect.x2 + x, y2: rect.y2 + y };
}

/** Moves a point onto the border of the image if it is near. @param near the greatest distance, in pixels of the image. */
export function snapToBorder(point: Point, image: Size, near: number): Point {
  const snap = (value: number, end: number): number =>
    value < near ? Math.min(value, 0) : value > end - near ? Math.max(value, end) : value;
  return { x: snap(point.x, image.width), y: snap(point.y, image.height) };
}

/** The smallest box around the points, inside the image and at least `minSide` wide and high. */
export function rectAround(points: readonly Point[], image: Size): Rect {
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const [x1, x2] = span(Math.min(...xs), Math.max(...xs), image.width);
  const [y1, y2] = span(Math.min(...ys), Math.max(...ys), image.height);
  return { x1, y1, x2, y2 };
}

/** Drags one handle of a box to a point. Dragged across the opposite side, the box is flipped. */
export function resizeRect(rect: Rect, handle: Handle, to: Point, image: Size): Rect {
  const horizontal = handle.includes('w') ? rect.x2 : handle.includes('e') ? rect.x1 : null;
  const vertical = handle.includes('n') ? rect.y2 : handle.includes('s') ? rect.y1 : null;
  const [x1, x2] = horizontal === null ? [rect.x1, rect.x2] : pull(horizontal, to.x, image.width);
  const [y1, y2] = vertical === null ? [rect.y1, rect.y2] : pull(vertical, to.y, image.height);
  return { x1, y1, x2, y2 };
}

/** Moves one edge of a box by some pixels, within the image and not across the opposite edge. */
export function nudgeEdge(rect: Rect, edge: Edge, by: number, image: Size): Rect {
  switch (edge) {
    case 'left':
      return { ...rect, x1: clamp(rect.x1 + by, 0, rect.x2 - minSide) };
    case 'top':
      return { ...rect, y1: clamp(rect.y1 + by, 0, rect.y2 - minSide) };
    case 'right':
      return { ...rect, x2: clamp(rect.x2 + by, rect.x1 + minSide, image.width) };
    case 'bottom':
      return { ...rect, y2: clamp(rect.y2 + by, rect.y1 + minSide, image.height) };
  }
}

export function handlePoint(rect: Rect, handle: Handle): Point {
  const x = handle.includes('w') ? rect.x1 : handle.includes('e') ? rect.x2 : (rect.x1 + rect.x2) / 2;
  const y = handle.includes('n') ? rect.y1 : handle.includes('s') ? rect.y2 : (rect.y1 + rect.y2) / 2;
  return { x, y };
}

export function sameRect(a: Rect, b: Rect, tolerance = 0): boolean {
  return (
    Math.abs(a.x1 - b.x1) <= tolerance &&
    Math.abs(a.y1 - b.y1) <= tolerance &&
    Math.abs(a.x2 - b.x2) <= tolerance &&
    Math.abs(a.y2 - b.y2) <= tolerance
  );
}

function span(low: number, high: number, end: number): [number, number] {
  const from = clamp(low, 0, Math.max(0, end - minSide));
  return [from, clamp(high, from + minSide, end)];
}

function pull(anchor: number, to: number, end: number): [number, number] {
  const point = clamp(to, 0, end);
  if (Math.abs(point - anchor) >= minSide) return [Math.min(point, anchor), Math.max(point, anchor)];
  const backwards = (point < anchor && anchor >= minSide) || anchor + minSide > end;
  return backwards ? [anchor - minSide, anchor] : [anchor, anchor + minSide];
}
