import { clamp, type Rect, type Size } from './geometry.ts';

/** The position of the class picker in CSS pixels of the image area. */
export interface PickerPlace {
  readonly left: number;
  readonly top: number;
  readonly right: 'auto';
}

/** The distance between the picker and the box or the edge of the image area. */
const gap = 8;

/** Right of the box if there is room, otherwise left of it, otherwise over it; always within the image area. */
export function placeBeside(box: Rect, picker: Size, area: Size): PickerPlace {
  const furthest = Math.max(gap, area.width - picker.width - gap);
  const right = box.x2 + gap;
  const left = box.x1 - gap - picker.width;
  const side =
    right >= gap && right <= furthest ? right : left >= gap && left <= furthest ? left : clamp(box.x1, gap, furthest);
  const lowest = Math.max(gap, area.height - picker.height - gap);
  return { left: side, top: clamp(box.y1, gap, lowest), right: 'auto' };
}
