/**
 * How the camera sees the part plane: turn and scale it, tilt it slightly (perspective), put its origin at a point
 * of the image. Part coordinates are in units that are about one pixel at scale 1; angles in radians.
 */
export interface View {
  readonly centreX: number;
  readonly centreY: number;
  readonly angle: number;
  readonly scale: number;
  /** Change of depth per pixel: ±0.0004 is a visible, still slight tilt. */
  readonly tiltX: number;
  readonly tiltY: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** A rectangle of whole pixels: left and top included, right and bottom excluded. */
export interface PixelBox {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

/** Part coordinates to image pixels. */
export function toImage(view: View, u: number, v: number): Point {
  const cos = Math.cos(view.angle) * view.scale;
  const sin = Math.sin(view.angle) * view.scale;
  const x = u * cos - v * sin;
  const y = u * sin + v * cos;
  // Never behind the camera: far points of a large part stay far outside the picture.
  const depth = Math.max(0.2, 1 + view.tiltX * x + view.tiltY * y);
  return { x: view.centreX + x / depth, y: view.centreY + y / depth };
}

/** Image pixels to part coordinates; the inverse of `toImage`. */
export function toPart(view: View, x: number, y: number): Point {
  const dx = x - view.centreX;
  const dy = y - view.centreY;
  const depth = 1 / (1 - view.tiltX * dx - view.tiltY * dy);
  const cos = Math.cos(view.angle) / view.scale;
  const sin = Math.sin(view.angle) / view.scale;
  return { x: (dx * cos + dy * sin) * depth, y: (dy * cos - dx * sin) * depth };
}

/** The pixels, clipped to the image, that a disc of the part plane may touch. */
export function pixelsOfDisc(
  view: View,
  u: number,
  v: number,
  radius: number,
  width: number,
  height: number,
): PixelBox {
  const corners = [toImage(view, u - radius, v - radius), toImage(view, u + radius, v - radius)];
  corners.push(toImage(view, u - radius, v + radius), toImage(view, u + radius, v + radius));
  return clippedBox(corners, 2, width, height);
}

/** The pixels, clipped to the image, around a set of points. */
export function clippedBox(points: readonly Point[], margin: number, width: number, height: number): PixelBox {
  const xs = points.map((point) => point.x);
  const ys = points.map((point) => point.y);
  const left = Math.min(width, Math.max(0, Math.floor(Math.min(...xs) - margin)));
  const top = Math.min(height, Math.max(0, Math.floor(Math.min(...ys) - margin)));
  return {
    left,
    top,
    right: Math.max(left, Math.min(width, Math.ceil(Math.max(...xs) + margin))),
    bottom: Math.max(top, Math.min(height, Math.ceil(Math.max(...ys) + margin))),
  };
}
