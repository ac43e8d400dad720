import type { BoxView } from '../../../../extension/src/protocol/review.ts';
import { addBox, type BoxSet } from './boxes.ts';
import { moveRect, type Rect, sameRect, type Size } from './geometry.ts';

/** A copy beside a box of the same place is moved by this many pixels of the image, right and down. */
const offset = 12;

/** A box without its key and its confidence: a pasted box is the user's own. */
export function copyOf({ x1, y1, x2, y2, classId }: BoxView): BoxView {
  return { x1, y1, x2, y2, classId };
}

/**
 * Adds copies of boxes, within the image. A copy that would lie exactly on a box of its class is moved.
 * @returns the boxes, and the key of the last copy; null without one.
 */
export function pasteBoxes(
  boxSet: BoxSet,
  copies: readonly BoxView[],
  image: Size,
): { readonly boxSet: BoxSet; readonly key: number | null } {
  let pasted: { boxSet: BoxSet; key: number | null } = { boxSet, key: null };
  for (const copy of copies) {
    let rect: Rect = fitInto(copy, image);
    const isTaken = (): boolean =>
      pasted.boxSet.boxes.some((box) => box.classId === copy.classId && sameRect(box, rect));
    // At the lower right corner of the image a copy cannot move further.
    for (let tries = 0; tries < mostMoves && isTaken(); tries++) rect = moveRect(rect, offset, offset, image);
    pasted = addBox(pasted.boxSet, rect, copy.classId);
  }
  return pasted;
}

const mostMoves = 20;

/** Adds the boxes of another image at the same places, except those that are there already. */
export function repeatBoxes(boxSet: BoxSet, copies: readonly BoxView[], image: Size): BoxSet {
  const missing = copies.filter(
    (copy) => !boxSet.boxes.some((box) => box.classId === copy.classId && sameRect(box, fitInto(copy, image), 1)),
  );
  return pasteBoxes(boxSet, missing, image).boxSet;
}

/** The box moved, and cut if it is too large, so that it lies within the image. */
function fitInto(box: Rect, image: Size): Rect {
  const [x1, x2] = fitSpan(box.x1, box.x2, image.width);
  const [y1, y2] = fitSpan(box.y1, box.y2, image.height);
  return { x1, x2, y1, y2 };
}

function fitSpan(low: number, high: number, end: number): [number, number] {
  const length = Math.min(high - low, end);
  const from = Math.min(Math.max(low, 0), end - length);
  return [from, from + length];
}
