import { DetectionError } from './errors.ts';
import type { PixelBox } from './types.ts';

/**
 * How an image is fitted into the model's input.
 * `rectangle`: scaled, then padded up to the next multiple of the stride (models with dynamic input sizes);
 * `square`: scaled, then padded to `imageSize` × `imageSize` (fixed input sizes);
 * `stretch`: stretched to the square without padding (RT-DETR).
 */
export type LetterboxMode = 'rectangle' | 'square' | 'stretch';

export interface LetterboxOptions {
  /** Largest stride of the model, pixels. Default 32. */
  readonly stride?: number;
  /** Default `rectangle`. */
  readonly mode?: LetterboxMode;
}

/** Where an image is placed in the model's input. All values are pixels, except the gains. */
export interface Letterbox {
  readonly imageWidth: number;
  readonly imageHeight: number;
  /** Size of the model's input. */
  readonly width: number;
  readonly height: number;
  /** Size of the image inside the input. */
  readonly resizedWidth: number;
  readonly resizedHeight: number;
  /** Padding around it; it is filled with the grey value 114. */
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
  /** The way back: image x = (input x - padX) / gainX, and the same for y. */
  readonly gainX: number;
  readonly gainY: number;
  readonly padX: number;
  readonly padY: number;
}

/** The grey value, 0…255, that Ultralytics pads with. */
export const LETTERBOX_FILL = 114;

/** Python's `round`: halves go to the even neighbour. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest > 0.5 ? floor + 1 : floor;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** `imageSize` rounded up to a multiple of the stride, at least one stride (Ultralytics' `check_imgsz`). */
export function inputSize(imageSize: number, stride: number): number {
  return Math.max(Math.ceil(imageSize / stride) * stride, stride);
}

/**
 * The input size and placement that Ultralytics' `predict` uses for one image: `LetterBox` (small images are scaled up),
 * and the gains and padding of `ops.scale_boxes`, which are derived from the padded input and may differ from the
 * placement by a rounding.
 * @throws DetectionError `size-invalid`.
 */
export function planLetterbox(
  imageWidth: number,
  imageHeight: number,
  imageSize: number,
  options: LetterboxOptions = {},
): Letterbox {
  const { stride = 32, mode = 'rectangle' } = options;
  for (const [name, value] of Object.entries({ imageWidth, imageHeight, imageSize, stride })) {
    if (!(Number.isInteger(value) && value > 0)) {
      throw new DetectionError(
        'size-invalid',
        `${name} is ${value}; it must be a whole number of pixels above 0.`,
        'Check the image and the image size of the session.',
      );
    }
  }
  const target = inputSize(imageSize, stride);
  if (mode === 'stretch') return stretched(imageWidth, imageHeight, target);

  const ratio = Math.min(target / imageHeight, target / imageWidth);
  const resizedWidth = Math.max(roundHalfEven(imageWidth * ratio), 1);
  const resizedHeight = Math.max(roundHalfEven(imageHeight * ratio), 1);
  const rectangle = mode === 'rectangle';
  const padWidth = rectangle ? (target - resizedWidth) % stride : target - resizedWidth;
  const padHeight = rectangle ? (target - resizedHeight) % stride : target - resizedHeight;
  const [left, right] = splitPadding(padWidth);
  const [top, bottom] = splitPadding(padHeight);
  const width = resizedWidth + left + right;
  const height = resizedHeight + top + bottom;
  return {
    imageWidth,
    imageHeight,
    width,
    height,
    resizedWidth,
    resizedHeight,
    left,
    top,
    right,
    bottom,
    ...wayBack(imageWidth, imageHeight, width, height),
  };
}

function stretched(imageWidth: number, imageHeight: number, size: number): Letterbox {
  return {
    imageWidth,
    imageHeight,
    width: size,
    height: size,
    resizedWidth: size,
    resizedHeight: size,
    left: 0,
    top: 0,
    right: 0,
    bottom: 0,
    gainX: size / imageWidth,
    gainY: size / imageHeight,
    padX: 0,
    padY: 0,
  };
}

/** An odd pixel of padding goes to the right or bottom: Ultralytics rounds the half minus and plus 0.1. */
function splitPadding(padding: number): [number, number] {
  return [roundHalfEven(padding / 2 - 0.1), roundHalfEven(padding / 2 + 0.1)];
}

function wayBack(
  imageWidth: number,
  imageHeight: number,
  width: number,
  height: number,
): Pick<Letterbox, 'gainX' | 'gainY' | 'padX' | 'padY'> {
  const gain = Math.min(height / imageHeight, width / imageWidth);
  const contentWidth = Math.max(roundHalfEven(imageWidth * gain), 1);
  const contentHeight = Math.max(roundHalfEven(imageHeight * gain), 1);
  return {
    gainX: contentWidth / imageWidth,
    gainY: contentHeight / imageHeight,
    padX: roundHalfEven((width - contentWidth) / 2 - 0.1),
    padY: roundHalfEven((height - contentHeight) / 2 - 0.1),
  };
}

/** A box of the model's input (xyxy pixels) in pixels of the image, clipped to it (Ultralytics' `scale_boxes`). */
export function toImageBox(letterbox: Letterbox, x1: number, y1: number, x2: number, y2: number): PixelBox {
  const { imageWidth, imageHeight, gainX, gainY, padX, padY } = letterbox;
  return {
    x1: clip((x1 - padX) / gainX, imageWidth),
    y1: clip((y1 - padY) / gainY, imageHeight),
    x2: clip((x2 - padX) / gainX, imageWidth),
    y2: clip((y2 - padY) / gainY, imageHeight),
  };
}

/** `value` limited to 0…`limit`; NaN stays NaN. */
export function clip(value: number, limit: number): number {
  return Math.min(Math.max(value, 0), limit);
}
