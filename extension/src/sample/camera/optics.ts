import { createRandom, type Random } from '../../core/random.ts';
import { between, chance, freshSeed, gaussian } from '../draw/draws.ts';
import type { Frame } from '../draw/frame.ts';
import { smoothStep } from '../draw/noise.ts';
import type { Setting } from '../draw/setting.ts';
import { blurPlane, sampleSoft, shrink } from '../draw/soft.ts';
import type { Point } from '../draw/view.ts';

/** Lens, sensor and the camera's own processing. */
export interface Optics {
  /** Brightness that the exposure aims at, and the curve's contrast. */
  readonly exposure: number;
  readonly contrast: number;
  readonly saturation: number;
  /** White balance, factors of red and blue. */
  readonly balance: Point;
  readonly vignette: number;
  readonly glare: number;
  /** Standard deviation of the noise in grey levels of 255, at mid grey. */
  readonly noise: number;
  /** Unsharpness in pixels at the centre and how much it grows towards one side. */
  readonly blur: number;
  readonly defocus: number;
  readonly focusDirection: number;
  readonly quality: number;
  readonly grainSeed: number;
}

/** Draws the camera: fixed at the station but for the hard cases, anything on the shop floor. */
export function drawOptics(
  random: Random,
  setting: Setting,
  hard: { readonly noisy: boolean; readonly blurred: boolean },
): Optics {
  const free = freeOptics(random, hard);
  if (setting === 'shop floor') return free;
  return {
    ...free,
    exposure: between(random, 0.37, 0.41),
    contrast: 1.1,
    saturation: 1.05,
    balance: { x: 1, y: 1 },
    vignette: 0.2,
    glare: 0.08,
    noise: hard.noisy ? free.noise : between(random, 1.6, 2.6),
    defocus: hard.blurred ? free.defocus : 0,
  };
}

function freeOptics(random: Random, hard: { readonly noisy: boolean; readonly blurred: boolean }): Optics {
  return {
    exposure: between(random, 0.27, 0.46),
    contrast: between(random, 0.85, 1.25),
    saturation: between(random, 0.8, 1.15),
    balance: { x: between(random, 0.95, 1.06), y: between(random, 0.94, 1.06) },
    vignette: between(random, 0.1, 0.42),
    glare: between(random, 0.05, 0.2),
    noise: hard.noisy ? between(random, 8, 13) : between(random, 1.6, 4.2),
    blur: hard.blurred ? between(random, 1.2, 1.9) : between(random, 0.35, 0.75),
    defocus: chance(random, 0.45) ? between(random, 0.5, 2.2) : 0,
    focusDirection: between(random, 0, 2 * Math.PI),
    quality: hard.noisy ? Math.round(between(random, 70, 82)) : Math.round(between(random, 82, 93)),
    grainSeed: freshSeed(random),
  };
}

/** Turns the frame's linear light into an 8-bit RGB picture (width * height * 3 bytes). */
export function develop(frame: Frame, optics: Optics): Uint8Array {
  addGlare(frame, optics.glare);
  const planes = [frame.r, frame.g, frame.b];
  for (const plane of planes) blurAcross(plane, frame.width, frame.height, optics);
  return quantised(frame, optics, exposureGain(frame, optics));
}

function addGlare(frame: Frame, amount: number): void {
  const { width, height, r, g, b } = frame;
  const soft = shrink(g, width, height);
  for (let i = 0; i < soft.data.length; i++) soft.data[i] = Math.max(0, Math.min(1.5, (soft.data[i] ?? 0) - 0.5));
  blurPlane(soft.data, soft.width, soft.height, 4);
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = y * width; x < width; x++, at++) {
      const light = amount * sampleSoft(soft, x, y);
      r[at] = (r[at] ?? 0) + light;
      g[at] = (g[at] ?? 0) + light;
      b[at] = (b[at] ?? 0) + light;
    }
  }
}

/** A small lens blur everywhere (3 by 3), and a wider one that fades in towards the side out of focus. */
function blurAcross(plane: Float32Array, width: number, height: number, optics: Optics): void {
  const side = Math.min(0.32, optics.blur * optics.blur * 0.3);
  const passes = optics.blur > 1 ? Math.round(optics.blur * optics.blur) : 1;
  for (let pass = 0; pass < passes; pass++) blurThree(plane, width, height, side);
  if (optics.defocus <= 0) return;
  const wide = plane.slice();
  for (let pass = 0; pass < Math.round(optics.defocus * 1.6); pass++) blurThree(wide, width, height, 0.33);
  const dx = Math.cos(optics.focusDirection) / width;
  const dy = Math.sin(optics.focusDirection) / height;
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = y * width; x < width; x++, at++) {
      const away = (x - width / 2) * dx + (y - height / 2) * dy;
      if (away <= 0.05) continue;
      const share = smoothStep(0.05, 0.5, away);
      plane[at] = (plane[at] ?? 0) * (1 - share) + (wide[at] ?? 0) * share;
    }
  }
}

function blurThree(plane: Float32Array, width: number, height: number, side: number): void {
  const centre = 1 - 2 * side;
  for (let y = 0; y < height; y++) {
    const start = y * width;
    let before = plane[start] ?? 0;
    for (let x = 0; x < width - 1; x++) {
      const here = plane[start + x] ?? 0;
      plane[start + x] = centre * here + side * (before + (plane[start + x + 1] ?? 0));
      before = here;
    }
  }
  const above = plane.slice(0, width);
  for (let y = 0; y < height - 1; y++) {
    for (let x = 0, at = y * width; x < width; x++, at++) {
      const here = plane[at] ?? 0;
      plane[at] = centre * here + side * ((above[x] ?? 0) + (plane[at + width] ?? 0));
      above[x] = here;
    }
  }
}

/** Auto exposure: the factor that brings the mean of compressed brightness to the target. */
function exposureGain(frame: Frame, optics: Optics): number {
  const { r, g, b } = frame;
  let sum = 0;
  let count = 0;
  for (let at = 0; at < r.length; at += 7) {
    const light = 0.25 * (r[at] ?? 0) + 0.6 * (g[at] ?? 0) + 0.15 * (b[at] ?? 0);
    sum += Math.sqrt(Math.min(light, 1));
    count += 1;
  }
  const mean = sum / count;
  return Math.min(3.2, Math.max(0.4, (optics.exposure * optics.exposure) / (mean * mean) + 0.25));
}

const curveSize = 4096;

function toneCurve(contrast: number): Float32Array {
  const curve = new Float32Array(curveSize);
  for (let i = 0; i < curveSize; i++) {
    const light = (i / curveSize) * 4;
    // A shoulder that never quite clips, display gamma, then an S-curve around mid grey.
    const rolled = (light * (1 + light * 0.06)) / (1 + light * 0.72);
    const shown = Math.min(1, rolled * 1.12) ** (1 / 2.2);
    const bent = shown + (contrast - 0.75) * 0.35 * Math.sin(2 * Math.PI * (shown - 0.5)) * 0.5;
    curve[i] = 255 * Math.min(1, Math.max(0, bent));
  }
  return curve;
}

function quantised(frame: Frame, optics: Optics, gain: number): Uint8Array {
  const { width, height, r, g, b } = frame;
  const pixels = new Uint8Array(width * height * 3);
  const curve = toneCurve(optics.contrast);
  const { saturation, vignette, noise, balance } = optics;
  const grains = grainTable(optics.grainSeed);
  let state = optics.grainSeed | 0;
  let lastR = 0;
  let lastB = 0;
  for (let y = 0; y < height; y++) {
    const dy = (y / height - 0.5) * 2;
    for (let x = 0, at = y * width, to = at * 3; x < width; x++, at++, to += 3) {
      const dx = (x / width - 0.5) * 2;
      const far = (dx * dx + dy * dy) * 0.5;
      const light = gain * (1 - vignette * far * (1 + 0.4 * far));
      const red = (r[at] ?? 0) * light * balance.x;
      const green = (g[at] ?? 0) * light;
      const blue = (b[at] ?? 0) * light * balance.y;
      const grey = (red + green + blue) / 3;
      const redOut = curve[curveIndex(grey + (red - grey) * saturation)] ?? 0;
      const greenOut = curve[curveIndex(grey + (green - grey) * saturation)] ?? 0;
      const blueOut = curve[curveIndex(grey + (blue - grey) * saturation)] ?? 0;
      state = (Math.imul(state, 1664525) + 1013904223) | 0;
      const i = state >>> 18;
      // Shot noise as the eye sees it after the curve: strongest in the shadows and mid tones.
      const strength = noise * (1.15 - greenOut / 420);
      const common = strength * (grains[i] ?? 0);
      lastR = 0.55 * lastR + 0.6 * (grains[i + 7] ?? 0);
      lastB = 0.55 * lastB + 0.75 * (grains[i + 13] ?? 0);
      pixels[to] = clampByte(redOut + common + strength * 0.55 * lastR);
      pixels[to + 1] = clampByte(greenOut + common);
      pixels[to + 2] = clampByte(blueOut + common + strength * 0.6 * lastB);
    }
  }
  return pixels;
}

function curveIndex(light: number): number {
  const index = (light * 1023.9) | 0;
  return index < 0 ? 0 : index >= curveSize ? curveSize - 1 : index;
}

function clampByte(value: number): number {
  return value <= 0 ? 0 : value >= 255 ? 255 : (value + 0.5) | 0;
}

function grainTable(seed: number): Float32Array {
  const random = createRandom(seed);
  const table = new Float32Array(16384 + 16);
  for (let i = 0; i < table.length; i++) table[i] = gaussian(random);
  return table;
}
