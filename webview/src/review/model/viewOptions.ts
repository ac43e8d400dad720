/** How the image is shown. Labels do not depend on it. */
export interface ViewOptions {
  /** The zoom and the place stay from image to image. */
  readonly zoomKept: boolean;
  /** 1 shows the image as it is. */
  readonly brightness: number;
  readonly contrast: number;
}

export const defaultView: ViewOptions = { zoomKept: false, brightness: 1, contrast: 1 };

export const leastLight = 0.25;
export const mostLight = 4;
/** A key press changes brightness or contrast by this factor. */
export const lightStep = 1.25;

/** Brightness or contrast after a change, within the limits; 1 exactly if it is near. */
export function limitLight(value: number): number {
  const limited = Math.min(Math.max(value, leastLight), mostLight);
  return Math.abs(limited - 1) < 0.01 ? 1 : limited;
}

/** The filter of the style sheet that shows the image; empty if it is shown as it is. */
export function filterOf({ brightness, contrast }: ViewOptions): string {
  return brightness === 1 && contrast === 1 ? '' : `brightness(${brightness}) contrast(${contrast})`;
}

/** The options of a saved state; the defaults for what is invalid. */
export function parseViewOptions(value: unknown): ViewOptions {
  if (typeof value !== 'object' || value === null) return defaultView;
  const light = (name: 'brightness' | 'contrast'): number => {
    const saved = name in value ? (value as Record<string, unknown>)[name] : undefined;
    return typeof saved === 'number' && Number.isFinite(saved) ? limitLight(saved) : 1;
  };
  const zoomKept = 'zoomKept' in value && value.zoomKept === true;
  return { zoomKept, brightness: light('brightness'), contrast: light('contrast') };
}
