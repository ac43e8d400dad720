import { area, clamp, type Point, type Rect, type Size } from './geometry.ts';

export interface TagRequest {
  readonly key: number;
  /** The box, in CSS pixels of the canvas. */
  readonly box: Rect;
  readonly width: number;
  /** Whether the tag is placed even if it covers another tag. */
  readonly always: boolean;
}

/** A tag is left out if it would cover more of the objects: the sum of the covered shares of their boxes. */
const mostCovered = 0.25;
/** With more boxes than this, tags may cover them: comparing all with all would take too long. */
const mostCompared = 1000;

/**
 * Places the tags of boxes above, below or beside the box, within the canvas and without overlap, in the place that covers
 * the least of all objects. A tag is inside its box only if there is no room around it. A tag without a free place is left
 * out.
 * @param requests the most important first.
 * @param boxes all boxes, in CSS pixels of the canvas.
 * @returns the upper left corner of each placed tag, by key.
 */
export function layoutTags(
  requests: readonly TagRequest[],
  height: number,
  canvas: Size,
  boxes: readonly Rect[] = [],
): Map<number, Point> {
  const objects = boxes.length > mostCompared ? [] : boxes;
  const rows = new Map<number, Rect[]>();
  const places = new Map<number, Point>();
  for (const request of requests) {
    const { box, width } = request;
    if (box.x2 < 0 || box.y2 < 0 || box.x1 > canvas.width || box.y1 > canvas.height) continue;
    const candidates = placesFor(box, width, height, canvas);
    const free = candidates.filter((at) => isFree(rows, at, width, height));
    const best = leastCovering(free, width, height, objects);
    const at = best?.isClear === true ? best.at : request.always ? (best?.at ?? candidates[0]) : undefined;
    if (at === undefined) continue;
    occupy(rows, at, width, height);
    places.set(request.key, at);
  }
  return places;
}

function placesFor(box: Rect, width: number, height: number, canvas: Size): Point[] {
  const most: Point = { x: Math.max(0, canvas.width - width), y: Math.max(0, canvas.height - height) };
  const xs = [clamp(box.x1, 0, most.x), clamp(box.x2 - width, 0, most.x)];
  const inside = clamp(box.y1, 0, most.y);
  const around = [
    ...[box.y1 - height, box.y2].flatMap((y) => xs.map((x) => ({ x, y }))),
    { x: box.x2, y: inside },
    { x: box.x1 - width, y: inside },
  ];
  const inCanvas = around.filter(({ x, y }) => x >= 0 && y >= 0 && x <= most.x && y <= most.y);
  return inCanvas.length > 0 ? inCanvas : xs.map((x) => ({ x, y: inside }));
}

/** The place whose tag covers the smallest share of the objects, and whether that share is small enough. */
function leastCovering(
  places: readonly Point[],
  width: number,
  height: number,
  objects: readonly Rect[],
): { readonly at: Point; readonly isClear: boolean } | undefined {
  let best: Point | undefined;
  let least = Infinity;
  for (const at of places) {
    const tag = { x1: at.x, y1: at.y, x2: at.x + width, y2: at.y + height };
    const covered = objects.reduce((sum, object) => sum + coveredShare(object, tag), 0);
    if (covered < least) [best, least] = [at, covered];
    if (covered === 0) break;
  }
  return best === undefined ? undefined : { at: best, isClear: least <= mostCovered };
}

function coveredShare(object: Rect, tag: Rect): number {
  const width = Math.min(object.x2, tag.x2) - Math.max(object.x1, tag.x1);
  const height = Math.min(object.y2, tag.y2) - Math.max(object.y1, tag.y1);
  return width <= 0 || height <= 0 ? 0 : (width * height) / area(object);
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
