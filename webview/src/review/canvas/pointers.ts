import type { Point } from '../model/geometry.ts';
import { pan } from '../model/viewport.ts';
import type { CanvasView } from './canvasView.ts';

/** Connects mouse, pen, touch and wheel to the canvas. @returns a function that disconnects them. */
export function bindPointers(element: HTMLElement, view: CanvasView): () => void {
  const touches = new Map<number, Point>();
  let spaceHeld = false;
  const place = (event: MouseEvent): Point => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  const showCursor = (point: Point): void => {
    element.style.cursor = spaceHeld && !view.gestures.active ? 'grab' : view.gestures.cursor(point);
  };

  const down = (event: PointerEvent): void => {
    if (onOwnControl(event) || event.button > 1) return;
    element.focus({ preventScroll: true });
    const point = place(event);
    if (event.pointerType === 'touch') touches.set(event.pointerId, point);
    element.setPointerCapture(event.pointerId);
    if (touches.size === 2) {
      view.gestures.cancel();
      return;
    }
    // Prevents scrolling with the middle button.
    if (event.button === 1) event.preventDefault();
    view.gestures.press({ point, pans: event.button === 1 || spaceHeld });
    showCursor(point);
  };
  const move = (event: PointerEvent): void => {
    const point = place(event);
    if (touches.size === 2 && touches.has(event.pointerId)) {
      pinch(touches, event.pointerId, point, view);
      return;
    }
    view.gestures.move(point);
    showCursor(point);
  };
  const up = (event: PointerEvent): void => {
    const pinched = touches.size === 2;
    touches.delete(event.pointerId);
    if (pinched) return;
    const point = place(event);
    view.gestures.release(point);
    showCursor(point);
  };
  const cancelled = (event: PointerEvent): void => {
    touches.delete(event.pointerId);
    view.gestures.cancel();
  };
  const leave = (): void => view.gestures.leave();
  const wheel = (event: WheelEvent): void => {
    event.preventDefault();
    view.wheel(event, place(event));
  };
  const doubleClick = (event: MouseEvent): void => {
    if (!onOwnControl(event) && !view.drawing && view.selected !== null) view.toggleZoom();
  };
  const onSpace = (event: KeyboardEvent): void => {
    if (event.key !== ' ' || event.target !== element) return;
    spaceHeld = event.type === 'keydown';
    event.preventDefault();
    element.style.cursor = spaceHeld ? 'grab' : '';
  };
  const onBlur = (): void => {
    spaceHeld = false;
  };

  element.addEventListener('pointerdown', down);
  element.addEventListener('pointermove', move);
  element.addEventListener('pointerup', up);
  element.addEventListener('pointercancel', cancelled);
  element.addEventListener('pointerleave', leave);
  element.addEventListener('wheel', wheel, { passive: false });
  element.addEventListener('dblclick', doubleClick);
  element.addEventListener('keydown', onSpace);
  element.addEventListener('keyup', onSpace);
  element.addEventListener('blur', onBlur);
  return () => {
    element.removeEventListener('pointerdown', down);
    element.removeEventListener('pointermove', move);
    element.removeEventListener('pointerup', up);
    element.removeEventListener('pointercancel', cancelled);
    element.removeEventListener('pointerleave', leave);
    element.removeEventListener('wheel', wheel);
    element.removeEventListener('dblclick', doubleClick);
    element.removeEventListener('keydown', onSpace);
    element.removeEventListener('keyup', onSpace);
    element.removeEventListener('blur', onBlur);
  };
}

/** Two fingers zoom around their midpoint and move the image with it. */
function pinch(touches: Map<number, Point>, id: number, point: Point, view: CanvasView): void {
  const before = touches.get(id);
  const other = [...touches].find(([key]) => key !== id)?.[1];
  touches.set(id, point);
  if (before === undefined || other === undefined) return;
  const middle = { x: (point.x + other.x) / 2, y: (point.y + other.y) / 2 };
  const was = Math.hypot(before.x - other.x, before.y - other.y);
  const is = Math.hypot(point.x - other.x, point.y - other.y);
  const moved = pan(view.viewport, (point.x - before.x) / 2, (point.y - before.y) / 2, view.image, view.size);
  view.setViewport(moved);
  if (was > 0) view.zoomTo(middle, is / was);
}

function onOwnControl(event: Event): boolean {
  return event.target instanceof Element && event.target.closest('.review-controls') !== null;
}
