import { clamp, type Point, type Rect, type Size } from './geometry.ts';

/** Maps the image to the canvas: image point × scale + (x, y) = CSS pixel of the canvas. */
export interface Viewport {
  readonly scale: number;
  readonly x: number;
  readonly y: number;
}

/** From this scale on, pixels of the image are drawn as squares. */
export const pixelatedFrom = 4;
const maxScale = 64;
const fitMargin = 12;
/** The part of the image that stays visible, in CSS pixels. */
const minVisible = 48;

export function toImage(viewport: Viewport, point: Point): Point {
  return { x: (point.x - viewport.x) / viewport.scale, y: (point.y - viewport.y) / viewport.scale };
}

export function toCanvas(viewport: Viewport, point: Point): Point {
  return { x: point.x * viewport.scale + viewport.x, y: point.y * viewport.scale + viewport.y };
}

export function rectToCanvas(viewport: Viewport, rect: Rect): Rect {
  return {
    x1: rect.x1 * viewport.scale + viewport.x,
    y1: rect.y1 * viewport.scale + viewport.y,
    x2: rect.x2 * viewport.scale + viewport.x,
    y2: rect.y2 * viewport.scale + viewport.y,
  };
}

/** Shows the whole image, centred, with a margin. Enlarges small images up to `pixelatedFrom`. */
export function fit(image: Size, canvas: Size): Viewport {
  return fitRect({ x1: 0, y1: 0, x2: image.width, y2: image.height }, canvas, fitMargin, pixelatedFrom);
}

/** Shows a part of the image, centred, with its surroundings. */
export function zoomToRect(rect: Rect, canvas: Size): Viewport {
  return fitRect(rect, canvas, Math.min(canvas.width, canvas.height) / 4, 24);
}

/** Zooms by a factor around a point. */
export function zoomAt(viewport: Viewport, point: Point, factor: number, image: Size, canvas: Size): Viewport {
  const least = Math.min(fit(image, canvas).scale, 1) / 2;
  const scale = clamp(viewport.scale * factor, least, Math.max(maxScale, viewport.scale));
  const anchor = toImage(viewport, point);
  return keepImageVisible({ scale, x: point.x - anchor.x * scale, y: point.y - anchor.y * scale }, image, canvas);
}

/** The viewport that shows the same part of another image at the same scale; parts are shares of the width and height. */
export function sameView(viewport: Viewport, before: Size, image: Size, canvas: Size): Viewport {
  const middle = toImage(viewport, { x: canvas.width / 2, y: canvas.height / 2 });
  const { scale } = viewport;
  const x = canvas.width / 2 - (middle.x / before.width) * image.width * scale;
  const y = canvas.height / 2 - (middle.y / before.height) * image.height * scale;
  return keepImageVisible({ scale, x, y }, image, canvas);
}

export function pan(viewport: Viewport, dx: number, dy: number, image: Size, canvas: Size): Viewport {
  return keepImageVisible({ ...viewport, x: viewport.x + dx, y: viewport.y + dy }, image, canvas);
}

/** Moves the view so that a part of the image is visible. */
export function keepImageVisible(viewport: Viewport, image: Size, canvas: Size): Viewport {
  return {
    scale: viewport.scale,
    x: keepVisible(viewport.x, image.width * viewport.scale, canvas.width),
    y: keepVisible(viewport.y, image.height * viewport.scale, canvas.height),
  };
}

/** Pans as little as possible to show a box. Zooms out if the box is larger than the canvas. */
export function panToReveal(viewport: Viewport, rect: Rect, image: Size, canvas: Size): Viewport {
  const { x1, y1, x2, y2 } = rectToCanvas(viewport, rect);
  if (x2 - x1 > canvas.width || y2 - y1 > canvas.height) {
    const inside = x1 < canvas.width && x2 > 0 && y1 < canvas.height && y2 > 0;
    return inside ? viewport : zoomToRect(rect, canvas);
  }
  const dx = shift(x1, x2, canvas.width);
  const dy = shift(y1, y2, canvas.height);
  return dx === 0 && dy === 0 ? viewport : pan(viewport, dx, dy, image, canvas);
}

function fitRect(rect: Rect, canvas: Size, margin: number, most: number): Viewport {
  const width = Math.max(rect.x2 - rect.x1, 1e-6);
  const height = Math.max(rect.y2 - rect.y1, 1e-6);
  const scale = clamp(
    Math.min(Math.max(canvas.width - 2 * margin, 16) / width, Math.max(canvas.height - 2 * margin, 16) / height),
    1e-6,
    most,
  );
  return {
    scale,
    x: canvas.width / 2 - ((rect.x1 + rect.x2) / 2) * scale,
    y: canvas.height / 2 - ((rect.y1 + rect.y2) / 2) * scale,
  };
}

function keepVisible(offset: number, length: number, room: number): number {
  const part = Math.min(minVisible, length, room);
  return clamp(offset, part - length, room - part);
}

function shift(from: number, to: number, room: number): number {
  const margin = Math.min(24, Math.max(0, (room - (to - from)) / 2));
  if (from < margin) return margin - from;
  return to > room - margin ? room - margin - to : 0;
}
