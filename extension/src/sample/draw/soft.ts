/** A plane at a quarter of the picture's width and height, for what is soft anyway: shadows, glare. */
export interface SoftPlane {
  readonly width: number;
  readonly height: number;
  readonly data: Float32Array;
}

/** The mean of each 4 by 4 block of a plane. */
export function shrink(plane: Float32Array, width: number, height: number): SoftPlane {
  const w = Math.ceil(width / 4);
  const h = Math.ceil(height / 4);
  const data = new Float32Array(w * h);
  for (let y = 0; y < height; y++) {
    const row = (y >> 2) * w;
    for (let x = 0, at = y * width; x < width; x++, at++) {
      const to = row + (x >> 2);
      data[to] = (data[to] ?? 0) + (plane[at] ?? 0) * 0.0625;
    }
  }
  return { width: w, height: h, data };
}

/** Blurs in place, nearly Gaussian: three box filters each way. `radius` in pixels of this plane. */
export function blurPlane(plane: Float32Array, width: number, height: number, radius: number): void {
  const size = Math.max(0, Math.round(radius));
  if (size === 0) return;
  const line = new Float32Array(Math.max(width, height));
  for (let pass = 0; pass < 3; pass++) {
    for (let y = 0; y < height; y++) blurLine(plane, line, y * width, 1, width, size);
    for (let x = 0; x < width; x++) blurLine(plane, line, x, width, height, size);
  }
}

function blurLine(
  plane: Float32Array,
  line: Float32Array,
  start: number,
  step: number,
  length: number,
  size: number,
): void {
  for (let i = 0; i < length; i++) line[i] = plane[start + i * step] ?? 0;
  const scale = 1 / (2 * size + 1);
  let sum = (line[0] ?? 0) * size;
  for (let i = 0; i < size; i++) sum += line[Math.min(length - 1, i)] ?? 0;
  for (let i = 0; i < length; i++) {
    sum += line[Math.min(length - 1, i + size)] ?? 0;
    plane[start + i * step] = sum * scale;
    sum -= line[Math.max(0, i - size)] ?? 0;
  }
}

/** The soft plane's value at a point of the picture, bilinear, held at the borders. */
export function sampleSoft(soft: SoftPlane, x: number, y: number): number {
  const sx = Math.max(0, Math.min(soft.width - 1.001, x / 4 - 0.375));
  const sy = Math.max(0, Math.min(soft.height - 1.001, y / 4 - 0.375));
  const x0 = sx | 0;
  const y0 = sy | 0;
  const fx = sx - x0;
  const at = y0 * soft.width + x0;
  const upper = (soft.data[at] ?? 0) * (1 - fx) + (soft.data[at + 1] ?? 0) * fx;
  const lower = (soft.data[at + soft.width] ?? 0) * (1 - fx) + (soft.data[at + soft.width + 1] ?? 0) * fx;
  return upper + (lower - upper) * (sy - y0);
}
