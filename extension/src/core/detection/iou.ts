import type { PixelBox } from './types.ts';

/** Area in square pixels; 0 for a degenerate box. */
export function boxArea(box: PixelBox): number {
  return Math.max(0, box.x2 - box.x1) * Math.max(0, box.y2 - box.y1);
}

/** Area that two boxes share, square pixels. */
export function intersectionArea(a: PixelBox, b: PixelBox): number {
  const width = Math.min(a.x2, b.x2) - Math.max(a.x1, b.x1);
  if (!(width > 0)) return 0;
  const height = Math.min(a.y2, b.y2) - Math.max(a.y1, b.y1);
  return height > 0 ? width * height : 0;
}

/** Intersection over union (Jaccard index), 0…1; 0 if the boxes do not overlap or have no area. */
export function iou(a: PixelBox, b: PixelBox): number {
  const shared = intersectionArea(a, b);
  return shared === 0 ? 0 : shared / (boxArea(a) + boxArea(b) - shared);
}
