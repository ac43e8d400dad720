import { clamp, type Point, type Rect, type Size } from './geometry.ts';

export interface TagRequest {
  readonly key: number;
  /** The box, in CSS pixels of the canvas. */
  readonly box: Rect;
  readonly width: number;
  /** Whether the tag is placed even if it covers another tag. */
  readonly always: boolean;
}

/**
 * Places the tags of boxes above the box, inside its upper edge, or below it, within the canvas and without overlap. A tag
 * without a free place is left out.
 * @param requests the most important first.
 * @returns the upper left corner of each placed tag, by key.
 */
export function layoutTags(requests: readonly TagRequest[], height: number, canvas: Size): Map<number, Point> {
  const rows = new Map<number, Rect[]>();
  const places = new Map<number, Point>();
  for (const request of requests) {
    const { box, width } = request;
    if (box.x2 < 0 || box.y2 < 0 || box.x1 > canvas.width || box.y1 > canvas.height) continue;
    const candidates = placesFor(box, width, height, canvas);
    const free = candidates.find((at) => isFree(rows, at, width, height));
    const at = free ?? (request.always ? candidates[0] : undefined);
    if (at === undefined) continue;
    occupy(rows, at, width, height);
    places.set(request.key, at);
  }
  return places;
}

function placesFor(box: Rect, width: number, height: number, canvas: Size): Point[] {
  const left = clamp(box.x1, 0, Math.max(0, canvas.width - width));
  const right = clamp(box.x2 - width, 0, Math.max(0, canvas.width - width));
  const inCanvas = (y: number): boolean => y >= 0 && y + height <= canvas.height;
  const inside = clamp(box.y1, 0, Math.max(0, canvas.height - height));
  const ys = [box.y1 - height, inside, box.y2].filter(inCanvas);
  return (ys.length === 0 ? [inside] : ys).flatMap((y) => [
    { x: left, y },
    { x: right, y },
  ]);
}

function isFree(rows: ReadonlyMap<number, readonly Rect[]>, at: Point, width: number, height: number): boolean {
  for (const row of rowsOf(at, height)) {
    for (const other of rows.get(row) ?? []) {
      const apart = at.x >= other.x2 || at.x + width <= other.x1 || at.y >= other.y2 || at.y + height <= other.y1;
      if (!apart) return false;
    }
  }
  return true;
}

function occupy(rows: Map<number, Rect[]>, at: Point, width: number, height: number): void {
  const rect = { x1: at.x, y1: at.y, x2: at.x + width, y2: at.y + height };
  for (const row of rowsOf(at, height)) {
    const list = rows.get(row);
    if (list) list.push(rect);
    else rows.set(row, [rect]);
  }
}

/** The rows of tag height that a tag touches. Only tags of the same rows can overlap. */
function rowsOf(at: Point, height: number): number[] {
  const first = Math.floor(at.y / height);
  return at.y % height === 0 ? [first] : [first, first + 1];
}
