import type { LabelBox } from '../dataset/types.ts';
import type { PixelBox } from './types.ts';

/** A label box (centre and size, fractions of the image) in pixels, clipped to the image. */
export function toPixelBox(box: LabelBox, width: number, height: number): PixelBox {
  return {
    x1: clamp((box.cx - box.width / 2) * width, width),
    y1: clamp((box.cy - box.height / 2) * height, height),
    x2: clamp((box.cx + box.width / 2) * width, width),
    y2: clamp((box.cy + box.height / 2) * height, height),
  };
}

/** A pixel box as a label box; the inverse of `toPixelBox` inside the image. */
export function toLabelBox(box: PixelBox, classId: number, width: number, height: number): LabelBox {
  const x1 = clamp(box.x1, width);
  const y1 = clamp(box.y1, height);
  const x2 = clamp(box.x2, width);
  const y2 = clamp(box.y2, height);
  return {
    classId,
    cx: (x1 + x2) / 2 / width,
    cy: (y1 + y2) / 2 / height,
    width: (x2 - x1) / width,
    height: (y2 - y1) / height,
  };
}

function clamp(value: number, limit: number): number {
  return Math.min(Math.max(value, 0), limit);
}
