import type { EditBox, ShownBox } from '../model/boxes.ts';
import {
  distanceTo,
  type Handle,
  moveRect,
  type Point,
  type Rect,
  rectAround,
  resizeRect,
  type Size,
  snapToBorder,
} from '../model/geometry.ts';
import { boxAt, handleAt } from '../model/hitTest.ts';
import { pan, toImage, type Viewport } from '../model/viewport.ts';

/** The canvas as gestures use it. Points are in CSS pixels of the canvas unless stated otherwise. */
export interface Surface {
  readonly viewport: Viewport;
  readonly size: Size;
  readonly image: Size;
  readonly shown: readonly ShownBox[];
  readonly selected: EditBox | null;
  readonly editable: boolean;
  /** Whether the next drag or clicks draw a box, even over another box. */
  readonly drawing: boolean;
  /** Whether the user wants to see the best hidden prediction under the pointer. */
  readonly peeking: boolean;
  /** The best hidden prediction at a point of the image. */
  hiddenAt(point: Point): EditBox | null;
  setViewport(viewport: Viewport): void;
  select(key: number | null): void;
  hover(key: number | null): void;
  keep(box: EditBox): void;
  change(box: EditBox, rect: Rect): void;
  draw(rect: Rect): void;
  redraw(): void;
}

export interface Press {
  readonly point: Point;
  /** Whether the middle button or Space is held, which moves the image. */
  readonly pans: boolean;
}

/** The preview of an unfinished gesture. Boxes and points are in pixels of the image. */
export interface Preview {
  readonly changed: { readonly key: number; readonly rect: Rect } | null;
  readonly drawn: Rect | null;
  readonly points: readonly Point[];
  readonly crosshair: Point | null;
  /** A hidden prediction that a click keeps. */
  readonly candidate: EditBox | null;
}

type Gesture =
  | { readonly kind: 'none' }
  | { readonly kind: 'pan'; readonly last: Point }
  | { readonly kind: 'press'; readonly start: Point; readonly target: ShownBox | null }
  | { readonly kind: 'move'; readonly box: EditBox; readonly start: Point; readonly rect: Rect }
  | { readonly kind: 'resize'; readonly box: EditBox; readonly handle: Handle; readonly rect: Rect }
  | { readonly kind: 'draw'; readonly from: Point; readonly rect: Rect };

/** A shorter movement is a click, in CSS pixels. */
const clickSlack = 4;
const outermostPoints = 4;
/** An edge that ends as near to the border of the image lies on it, in CSS pixels. */
const snapDistance = 5;
/** From this distance on, a press beside a box that was just drawn begins the next one, in CSS pixels. */
const freshReach = 3;

/** Turns presses, moves and releases of a pointer into edits. Does not depend on the DOM. */
export class Gestures {
  readonly #surface: Surface;
  #gesture: Gesture = { kind: 'none' };
  /** The outermost points of an object that the user has clicked, in pixels of the image. */
  #points: Point[] = [];
  #at: Point | null = null;
  /** The box that was drawn last, until the user clicks it: a press beside it draws the next one. */
  #fresh: number | null = null;

  constructor(surface: Surface) {
    this.#surface = surface;
  }

  get preview(): Preview {
    const gesture = this.#gesture;
    const { drawing, viewport } = this.#surface;
    return {
      changed:
        gesture.kind === 'move' || gesture.kind === 'resize' ? { key: gesture.box.key, rect: gesture.rect } : null,
      drawn: gesture.kind === 'draw' ? gesture.rect : this.#pointsRect(),
      points: this.#points,
      crosshair: drawing && this.#at !== null ? toImage(viewport, this.#at) : null,
      candidate: gesture.kind === 'none' && this.#at !== null ? this.#candidateAt(this.#at) : null,
    };
  }

  get pointCount(): number {
    return this.#points.length;
  }

  /** Whether the user is dragging. */
  get active(): boolean {
    return this.#gesture.kind !== 'none';
  }

  press({ point, pans }: Press): void {
    const { viewport, selected, drawing, editable, shown } = this.#surface;
    this.#at = point;
    if (pans) {
      this.#gesture = { kind: 'pan', last: point };
      return;
    }
    const candidate = this.#candidateAt(point);
    if (candidate !== null) {
      const target: ShownBox = { box: candidate, status: 'offered', faint: false, others: 0 };
      this.#gesture = { kind: 'press', start: point, target };
      return;
    }
    if (!drawing && editable && selected !== null) {
      const handle = this.#handleAt(selected, point);
      if (handle !== null) {
        this.#gesture = { kind: 'resize', box: selected, handle, rect: selected };
        return;
      }
    }
    const target = drawing ? null : boxAt(shown, viewport, point, selected?.key ?? null);
    this.#gesture = { kind: 'press', start: point, target };
  }

  move(point: Point): void {
    const surface = this.#surface;
    this.#at = point;
    const gesture = this.#gesture;
    const at = toImage(surface.viewport, point);
    switch (gesture.kind) {
      case 'none':
        if (surface.drawing || surface.peeking) surface.redraw();
        if (!surface.drawing)
          surface.hover(boxAt(surface.shown, surface.viewport, point, surface.selected?.key ?? null)?.box.key ?? null);
        return;
      case 'pan':
        this.#gesture = { kind: 'pan', last: point };
        surface.setViewport(
          pan(surface.viewport, point.x - gesture.last.x, point.y - gesture.last.y, surface.image, surface.size),
        );
        return;
      case 'press':
        this.#beginDrag(gesture.start, point, gesture.target);
        break;
      case 'move': {
        const rect = moveRect(gesture.box, at.x - gesture.start.x, at.y - gesture.start.y, surface.image);
        this.#gesture = { ...gesture, rect };
        break;
      }
      case 'resize':
        this.#gesture = { ...gesture, rect: resizeRect(gesture.box, gesture.handle, this.#snapped(at), surface.image) };
        break;
      case 'draw':
        this.#gesture = { ...gesture, rect: this.#drawnRect(gesture.from, at) };
        break;
    }
    surface.redraw();
  }

  release(point: Point): void {
    const surface = this.#surface;
    const gesture = this.#gesture;
    this.#gesture = { kind: 'none' };
    if (gesture.kind === 'press') this.#click(point, gesture.target);
    if (gesture.kind === 'move' || gesture.kind === 'resize') surface.change(gesture.box, gesture.rect);
    if (gesture.kind === 'draw') {
      this.#points = [];
      surface.draw(gesture.rect);
      this.#fresh = surface.selected?.key ?? null;
    }
    surface.redraw();
  }

  /** The pointer left the canvas. */
  leave(): void {
    this.#at = null;
    if (!this.active) this.#surface.hover(null);
    this.#surface.redraw();
  }

  /** Cancels the gesture. @returns whether there was one. */
  cancel(): boolean {
    const busy = (this.active && this.#gesture.kind !== 'press') || this.#points.length > 0;
    this.#gesture = { kind: 'none' };
    this.#points = [];
    if (busy) this.#surface.redraw();
    return busy;
  }

  /** Draws the box around the clicked points. @returns false if there are too few. */
  finishPoints(): boolean {
    const rect = this.#pointsRect();
    if (rect === null || this.#points.length < 2) return false;
    this.#points = [];
    this.#surface.draw(rect);
    return true;
  }

  cursor(point: Point): string {
    const { viewport, selected, drawing, editable, shown } = this.#surface;
    if (this.#gesture.kind === 'pan') return 'grabbing';
    if (this.#gesture.kind === 'none' && this.#candidateAt(point) !== null) return 'pointer';
    if (drawing) return 'crosshair';
    if (this.#gesture.kind === 'move') return 'move';
    if (selected !== null && editable) {
      const handle = this.#gesture.kind === 'resize' ? this.#gesture.handle : this.#handleAt(selected, point);
      if (handle !== null) return `${handle}-resize`;
    }
    const over = boxAt(shown, viewport, point, selected?.key ?? null);
    if (over !== null) return over.status === 'kept' && editable ? 'move' : 'pointer';
    return editable ? 'crosshair' : 'default';
  }

  #beginDrag(start: Point, point: Point, target: ShownBox | null): void {
    const { viewport, editable, image } = this.#surface;
    if (Math.hypot(point.x - start.x, point.y - start.y) < clickSlack || !editable) return;
    const from = toImage(viewport, start);
    const at = toImage(viewport, point);
    // A drag from beside a box draws; only a click there selects it.
    if (target !== null && target.status === 'kept' && distanceTo(target.box, from) === 0) {
      this.#surface.select(target.box.key);
      const rect = moveRect(target.box, at.x - from.x, at.y - from.y, image);
      this.#gesture = { kind: 'move', box: target.box, start: from, rect };
      return;
    }
    this.#gesture = { kind: 'draw', from, rect: this.#drawnRect(from, at) };
  }

  #candidateAt(point: Point): EditBox | null {
    const { editable, viewport, peeking } = this.#surface;
    return editable && peeking ? this.#surface.hiddenAt(toImage(viewport, point)) : null;
  }

  /** The handle of the selected box at a point. Those of a box that was just drawn are near the box only. */
  #handleAt(box: EditBox, point: Point): Handle | null {
    const { viewport } = this.#surface;
    const isBeside = distanceTo(box, toImage(viewport, point)) * viewport.scale > freshReach;
    return this.#fresh === box.key && isBeside ? null : handleAt(box, viewport, point);
  }

  /** A drawn box; an edge near the border of the image lies on it, unless the box would lose most of its side. */
  #drawnRect(from: Point, at: Point): Rect {
    const { image } = this.#surface;
    const raw = rectAround([from, at], image);
    const snapped = rectAround([this.#snapped(from), this.#snapped(at)], image);
    const keepsX = (snapped.x2 - snapped.x1) * 2 >= raw.x2 - raw.x1;
    const keepsY = (snapped.y2 - snapped.y1) * 2 >= raw.y2 - raw.y1;
    const [x, y] = [keepsX ? snapped : raw, keepsY ? snapped : raw];
    return { x1: x.x1, x2: x.x2, y1: y.y1, y2: y.y2 };
  }

  #snapped(at: Point): Point {
    const { image, viewport } = this.#surface;
    return snapToBorder(at, image, snapDistance / viewport.scale);
  }

  #click(point: Point, target: ShownBox | null): void {
    const surface = this.#surface;
    if (surface.drawing) {
      this.#points = [...this.#points, toImage(surface.viewport, point)];
      if (this.#points.length >= outermostPoints) this.finishPoints();
      return;
    }
    this.#fresh = null;
    if (target === null) return surface.select(null);
    if (target.status === 'offered' && surface.editable) surface.keep(target.box);
    else surface.select(target.box.key);
  }

  #pointsRect(): Rect | null {
    const { drawing, viewport, image } = this.#surface;
    if (!drawing || this.#points.length === 0) return null;
    const at = this.#at === null || this.#points.length >= outermostPoints ? [] : [toImage(viewport, this.#at)];
    const all = this.#points.length < 2 ? [...this.#points, ...at] : this.#points;
    return all.length < 2 ? null : rectAround(all, image);
  }
}
