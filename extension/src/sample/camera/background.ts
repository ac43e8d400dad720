import type { Random } from '../../core/random.ts';
import { between, chance, pickWeighted } from '../draw/draws.ts';
import type { Frame, Rgb } from '../draw/frame.ts';
import { diffuse, type Lamp, type Lighting } from './lighting.ts';
import { sampleTile, smoothStep, type NoiseLibrary } from '../draw/noise.ts';
import type { Setting } from '../draw/setting.ts';
import { blurPlane, sampleSoft, shrink } from '../draw/soft.ts';
import type { View } from '../draw/view.ts';

/** The surface that the part lies on. */
export interface Bench {
  readonly kind: 'rubber' | 'wood' | 'paint' | 'mat' | 'granite' | 'paper';
  readonly colour: Rgb;
  readonly angle: number;
  readonly offset: number;
  /** Distance of printed lines, pixels; 0 for none. */
  readonly grid: number;
}

const benches: readonly (readonly [Bench['kind'], readonly Rgb[], number])[] = [
  [
    'rubber',
    [
      [0.045, 0.046, 0.05],
      [0.06, 0.07, 0.09],
      [0.08, 0.075, 0.07],
    ],
    30,
  ],
  [
    'wood',
    [
      [0.36, 0.22, 0.115],
      [0.27, 0.165, 0.085],
      [0.45, 0.31, 0.18],
    ],
    18,
  ],
  [
    'paint',
    [
      [0.2, 0.24, 0.25],
      [0.1, 0.16, 0.22],
      [0.3, 0.31, 0.3],
      [0.16, 0.21, 0.16],
    ],
    22,
  ],
  [
    'mat',
    [
      [0.03, 0.13, 0.09],
      [0.035, 0.08, 0.17],
    ],
    10,
  ],
  [
    'granite',
    [
      [0.1, 0.1, 0.105],
      [0.2, 0.195, 0.19],
    ],
    12,
  ],
  [
    'paper',
    [
      [0.55, 0.54, 0.51],
      [0.42, 0.42, 0.43],
    ],
    8,
  ],
];

export function drawBench(random: Random, setting: Setting): Bench {
  if (setting === 'station') {
    return { kind: 'rubber', colour: [0.06, 0.066, 0.08], angle: 0, offset: between(random, 0, 500), grid: 0 };
  }
  const [kind, colours] = pickWeighted(
    random,
    benches.map((entry) => [entry, entry[2]] as const),
  );
  const colour = pickWeighted(
    random,
    colours.map((value) => [value, 1] as const),
  );
  const level = between(random, 0.8, 1.2);
  return {
    kind,
    colour: [colour[0] * level, colour[1] * level, colour[2] * level],
    angle: chance(random, 0.5) ? between(random, -0.12, 0.12) : between(random, 0, Math.PI),
    offset: between(random, 0, 500),
    grid: kind === 'mat' ? between(random, 26, 60) : 0,
  };
}

/** Paints the lit bench wherever the part leaves it visible, with the part's shadow on it. */
export function paintBench(
  frame: Frame,
  bench: Bench,
  lighting: Lighting,
  view: View,
  noise: NoiseLibrary,
  lift: number,
): void {
  const { width, height, cover, u, v, r, g, b } = frame;
  const shadow = shrink(cover, width, height);
  const contact = { ...shadow, data: shadow.data.slice() };
  blurPlane(contact.data, contact.width, contact.height, 1);
  blurPlane(shadow.data, shadow.width, shadow.height, 2 + lift * 0.06);
  const dropX = lighting.towards.x * lift * 0.9;
  const dropY = lighting.towards.y * lift * 0.9;
  const cos = Math.cos(bench.angle) * view.scale;
  const sin = Math.sin(bench.angle) * view.scale;
  const none: Lamp = { slopeX: 0, slopeY: 0, power: 0, size: 1, colour: [0, 0, 0] };
  const main = lighting.lamps[0] ?? none;
  const second = lighting.lamps[1] ?? none;
  const tone = toneField(bench, noise);
  const mix = (channel: 0 | 1 | 2): number => 0.35 * lighting.ambient[channel] + 0.65 * main.colour[channel];
  const [cr, cg, cb] = [bench.colour[0] * mix(0), bench.colour[1] * mix(1), bench.colour[2] * mix(2)];
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = y * width; x < width; x++, at++) {
      if ((cover[at] ?? 0) >= 1) continue;
      const bu = (u[at] ?? 0) * cos + (v[at] ?? 0) * sin;
      const bv = (v[at] ?? 0) * cos - (u[at] ?? 0) * sin;
      const shiftX = (x - width / 2) * lighting.nearness;
      const shiftY = (y - height / 2) * lighting.nearness;
      const dark = 1 - 0.62 * sampleSoft(shadow, x + dropX, y + dropY);
      const touch = 1 - 0.5 * sampleSoft(contact, x, y);
      const level = tone(bu, bv) * diffuse(main, second, shiftX, shiftY) * dark * touch;
      r[at] = cr * level;
      g[at] = cg * level;
      b[at] = cb * level;
    }
  }
}

function toneField(bench: Bench, noise: NoiseLibrary): (x: number, y: number) => number {
  const { cloud, streak, white } = noise;
  const o = bench.offset;
  if (bench.kind === 'wood') {
    return (x, y) => {
      const bend = 9 * sampleTile(cloud, x * 0.12 + o, y * 0.25);
      const ring = Math.sin((y + bend * 2.2) * 0.11);
      const grain = sampleTile(streak, x * 0.6 + o, (y + bend) * 0.8 + o);
      const plank = Math.abs(((y + o) % 210) - 105) > 103.6 ? 0.45 : 1;
      return plank * Math.max(0.2, 1 + 0.13 * ring + 0.11 * grain + 0.1 * sampleTile(cloud, x * 0.4, y * 0.4));
    };
  }
  if (bench.kind === 'granite') {
    return (x, y) => {
      const grains = sampleTile(cloud, x * 3.1 + o, y * 3.1) * 0.7 + sampleTile(white, x * 0.45 + o, y * 0.45) * 0.6;
      return Math.max(0.25, 1 + 0.38 * grains + 0.5 * smoothStep(1.4, 2.2, grains));
    };
  }
  if (bench.kind === 'paint') {
    return (x, y) => {
      const wear = smoothStep(
        1.3,
        2.4,
        sampleTile(cloud, x * 0.9 + o, y * 0.9 + o) + 0.5 * sampleTile(cloud, x * 3, y * 3),
      );
      const scuffs = smoothStep(2.1, 3.4, sampleTile(streak, x * 0.9 + o, y * 0.31 + o));
      return (
        1 + 0.1 * sampleTile(cloud, x * 0.3 + o, y * 0.3) + 0.04 * sampleTile(white, x, y) + 0.16 * wear + 0.3 * scuffs
      );
    };
  }
  if (bench.kind === 'mat') {
    return (x, y) => {
      const gx = Math.abs(x / bench.grid - Math.round(x / bench.grid)) * bench.grid;
      const gy = Math.abs(y / bench.grid - Math.round(y / bench.grid)) * bench.grid;
      const line = Math.max(smoothStep(1.1, 0.3, gx), smoothStep(1.1, 0.3, gy));
      const worn = 0.8 + 0.25 * sampleTile(cloud, x + o, y);
      return (
        1 +
        1.5 * line * Math.max(0.2, worn) +
        0.08 * sampleTile(white, x * 0.8, y * 0.8) +
        0.12 * sampleTile(cloud, x * 0.3, y * 0.3)
      );
    };
  }
  const speckle = bench.kind === 'rubber' ? 0.16 : 0.025;
  const patches = bench.kind === 'rubber' ? 0.16 : 0.05;
  return (x, y) => {
    const dust = bench.kind === 'rubber' ? 1.5 * smoothStep(2.7, 3.3, sampleTile(white, x * 0.7 + o, y * 0.7)) : 0;
    return Math.max(
      0.1,
      1 + speckle * sampleTile(white, x * 0.8 + o, y * 0.8) + patches * sampleTile(cloud, x * 0.5 + o, y * 0.5) + dust,
    );
  };
}
