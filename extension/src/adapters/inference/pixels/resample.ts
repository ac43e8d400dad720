import { LETTERBOX_FILL, roundHalfEven, type Letterbox } from '../../../core/detection/letterbox.ts';

/** 8-bit RGB, interleaved, row by row from the top. */
export interface RgbImage {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** The part of a `Letterbox` that defines the position of the image in the network's input. */
export type Placement = Pick<Letterbox, 'width' | 'height' | 'resizedWidth' | 'resizedHeight' | 'left' | 'top'>;

/** Resizes images, one at a time, into the resampler's memory. */
export interface Resampler {
  /** The tensor of `resampleInto`. The caller may change it; the next call overwrites or detaches it. */
  resample(image: RgbImage, placement: Placement): Float32Array<ArrayBuffer>;
}

/** OpenCV's INTER_RESIZE_COEF_BITS: weights are integers that sum to 2048. */
const COEFFICIENT_SCALE = 2048;

/** Grey levels in the network's range 0…1. */
const UNIT = Float32Array.from({ length: 256 }, (_, level) => level / 255);

/** For each target position: the source positions left (above) and right (below) of it, and their weights. */
export interface Taps {
  readonly first: Int32Array;
  readonly second: Int32Array;
  readonly firstWeight: Int32Array;
  readonly secondWeight: Int32Array;
}

/**
 * Resizes an image into the network's input tensor: CHW float32 in 0…1, the rest filled with grey 114.
 *
 * Reproduces OpenCV's `resize(…, INTER_LINEAR)` on 8-bit images, which Ultralytics uses for training and prediction:
 * two taps at half-pixel centres, **no** antialiasing when shrinking, 11-bit fixed-point weights, rounded to a
 * grey level (modules/imgproc/src/resize.cpp: `HResizeLinear`, `VResizeLinear<uchar, int, short>`). With antialiasing,
 * the network would get smoother images than it was trained on.
 *
 * @param tensor length at least 3 × height × width; that part is completely overwritten.
 */
export function resampleInto(image: RgbImage, placement: Placement, tensor: Float32Array): void {
  const { width, height, resizedWidth, resizedHeight, left, top } = placement;
  const plane = width * height;
  fillAround(placement, tensor);
  if (image.width === resizedWidth && image.height === resizedHeight) {
    copyInto(image, placement, tensor);
    return;
  }
  const columns = taps(image.width, resizedWidth, true);
  const rows = taps(image.height, resizedHeight, false);
  // The two current source rows, resized horizontally. Neighbouring target rows share them.
  let upper = { source: -1, values: new Int32Array(resizedWidth * 3) };
  let lower = { source: -1, values: new Int32Array(resizedWidth * 3) };

  for (let y = 0; y < resizedHeight; y++) {
    const first = rows.first[y] as number;
    const second = rows.second[y] as number;
    if (upper.source !== first) {
      if (lower.source === first) {
        [upper, lower] = [lower, upper];
      } else {
        resizeRow(image, first, columns, resizedWidth, upper.values);
        upper.source = first;
      }
    }
    if (lower.source !== second) {
      resizeRow(image, second, columns, resizedWidth, lower.values);
      lower.source = second;
    }
    const start = (top + y) * width + left;
    const upperWeight = rows.firstWeight[y] as number;
    const lowerWeight = rows.secondWeight[y] as number;
    for (let channel = 0; channel < 3; channel++) {
      const from = channel * resizedWidth;
      blendRow(
        upper.values,
        lower.values,
        from,
        resizedWidth,
        upperWeight,
        lowerWeight,
        tensor,
        start + channel * plane,
      );
    }
  }
}

/** Fills the area around the image with grey 114. */
export function fillAround(placement: Placement, tensor: Float32Array): void {
  const { width, height, resizedWidth, resizedHeight, left, top } = placement;
  if (resizedWidth === width && resizedHeight === height) return;
  const grey = UNIT[LETTERBOX_FILL] as number;
  for (let plane = 0; plane < 3; plane++) {
    const start = plane * width * height;
    const firstEnd = start + top * width + left + resizedWidth;
    const lastEnd = firstEnd + (resizedHeight - 1) * width;
    tensor.fill(grey, start, firstEnd - resizedWidth);
    // From the right end of a row to the left end of the next.
    if (resizedWidth < width) {
      for (let end = firstEnd; end < lastEnd; end += width) tensor.fill(grey, end, end + width - resizedWidth);
    }
    tensor.fill(grey, lastEnd, start + width * height);
  }
}

/** Copies an image that keeps its size: same result as with the taps, but faster. */
function copyInto(image: RgbImage, placement: Placement, tensor: Float32Array): void {
  const { width, height, left, top } = placement;
  const { data } = image;
  const plane = width * height;
  let at = 0;
  for (let y = 0; y < image.height; y++) {
    let out = (top + y) * width + left;
    for (let x = 0; x < image.width; x++, out++, at += 3) {
      tensor[out] = UNIT[data[at] as number] as number;
      tensor[out + plane] = UNIT[data[at + 1] as number] as number;
      tensor[out + 2 * plane] = UNIT[data[at + 2] as number] as number;
    }
  }
}

/**
 * Horizontal pass: resizes one source row, scaled by 2048 / 16 as OpenCV's vertical pass expects. Writes one colour
 * after the other, so that the vertical pass reads and writes sequentially.
 */
function resizeRow(image: RgbImage, y: number, columns: Taps, width: number, target: Int32Array): void {
  const { data } = image;
  const { first, second, firstWeight, secondWeight } = columns;
  const row = y * image.width * 3;
  for (let x = 0; x < width; x++) {
    const a = row + (first[x] as number);
    const b = row + (second[x] as number);
    const weightA = firstWeight[x] as number;
    const weightB = secondWeight[x] as number;
    target[x] = (Math.imul(data[a] as number, weightA) + Math.imul(data[b] as number, weightB)) >> 4;
    target[x + width] = (Math.imul(data[a + 1] as number, weightA) + Math.imul(data[b + 1] as number, weightB)) >> 4;
    target[x + 2 * width] =
      (Math.imul(data[a + 2] as number, weightA) + Math.imul(data[b + 2] as number, weightB)) >> 4;
  }
}

/** Vertical pass: blends two resized rows into one row of a colour plane, with the same bit shifts as OpenCV. */
function blendRow(
  upper: Int32Array,
  lower: Int32Array,
  from: number,
  count: number,
  upperWeight: number,
  lowerWeight: number,
  tensor: Float32Array,
  start: number,
): void {
  for (let i = 0; i < count; i++) {
    const above = Math.imul(upperWeight, upper[from + i] as number) >> 16;
    const below = Math.imul(lowerWeight, lower[from + i] as number) >> 16;
    tensor[start + i] = UNIT[(above + below + 2) >> 2] as number;
  }
}

/**
 * OpenCV's tap table for one axis. Horizontally, positions are byte offsets in an RGB row and an edge has one tap.
 * Vertically, an edge puts both weights on the same row. Like OpenCV, rounds positions to float32 before it splits them.
 */
export function taps(sourceLength: number, targetLength: number, across: boolean): Taps {
  const scale = 1 / (targetLength / sourceLength);
  const step = across ? 3 : 1;
  const last = sourceLength - 1;
  const table = {
    first: new Int32Array(targetLength),
    second: new Int32Array(targetLength),
    firstWeight: new Int32Array(targetLength),
    secondWeight: new Int32Array(targetLength),
  };
  for (let i = 0; i < targetLength; i++) {
    const position = Math.fround((i + 0.5) * scale - 0.5);
    let index = Math.floor(position);
    let fraction = Math.fround(position - index);
    if (across && (index < 0 || index >= last)) {
      index = index < 0 ? 0 : last;
      fraction = 0;
    }
    table.first[i] = Math.min(Math.max(index, 0), last) * step;
    table.second[i] = Math.min(Math.max(index + 1, 0), last) * step;
    table.firstWeight[i] = roundHalfEven(Math.fround(1 - fraction) * COEFFICIENT_SCALE);
    table.secondWeight[i] = roundHalfEven(fraction * COEFFICIENT_SCALE);
  }
  return table;
}
