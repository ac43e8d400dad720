import type { Rect } from '../model/geometry.ts';

/** Actions of the canvas. */
export interface CanvasCommands {
  zoomBy(factor: number): void;
  zoomFit(): void;
  /** One pixel of the image for each CSS pixel. */
  zoomActual(): void;
  /** Zooms to the selected box. */
  zoomBox(): void;
  /** The selected box in CSS pixels of the canvas; null if it is not visible. */
  selectedRect(): Rect | null;
  /** Draws the box around the clicked points. @returns false if there are too few. */
  finish(): boolean;
  /** Whether to show the best hidden prediction under the pointer, which a click keeps. */
  peek(on: boolean): void;
  /** @returns whether there was a drag or drawing to cancel. */
  cancel(): boolean;
}
