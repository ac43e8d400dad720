import { createRandom, type Random } from '../../core/random.ts';
import { between, chance, freshSeed, pickWeighted, wholeBetween } from '../draw/draws.ts';
import { topFace, type Frame, type Rgb } from '../draw/frame.ts';
import { smoothStep } from '../draw/noise.ts';
import type { Setting } from '../draw/setting.ts';
import type { Point } from '../draw/view.ts';

/** A lamp, given by the surface slope that mirrors it into the camera at the image's centre. */
export interface Lamp {
  readonly slopeX: number;
  readonly slopeY: number;
  readonly power: number;
  /** Factor of the highlight's width: a bare bulb is small, a softbox wide. */
  readonly size: number;
  readonly colour: Rgb;
}

export interface Lighting {
  readonly lamps: readonly Lamp[];
  /** Direction towards the main lamp in the picture, unit length. */
  readonly towards: Point;
  /** Change of the mirroring slope per pixel: near lamps and lenses make local highlights. */
  readonly nearness: number;
  readonly ambient: Rgb;
  /** What the surroundings look like in the metal. */
  readonly roomSeed: number;
}

const lampColours: readonly (readonly [Rgb, number])[] = [
  [[1, 1, 1], 5],
  [[1, 0.96, 0.9], 4],
  [[0.93, 0.98, 1.04], 4],
  [[1, 0.9, 0.76], 2],
];

/** Draws the lamps and the surroundings of one picture. */
export function drawLighting(random: Random, setting: Setting): Lighting {
  return setting === 'station' ? stationLighting(random) : freeLighting(random);
}

/** A softbox from the upper left and a weaker one from the right, always the same but for the fixture's play. */
function stationLighting(random: Random): Lighting {
  const direction = -2.3 + between(random, -0.1, 0.1);
  const towards = { x: Math.cos(direction), y: Math.sin(direction) };
  const lean = between(random, 0.26, 0.36);
  return {
    lamps: [
      {
        slopeX: towards.x * lean,
        slopeY: towards.y * lean,
        power: between(random, 1.4, 1.7),
        size: 1.3,
        colour: [1, 1, 1],
      },
      { slopeX: 0.42, slopeY: 0.1, power: between(random, 0.4, 0.55), size: 1.6, colour: [0.95, 0.98, 1.03] },
    ],
    towards,
    nearness: 1 / 1100,
    ambient: [0.8, 0.81, 0.83],
    roomSeed: 20_001,
  };
}

function freeLighting(random: Random): Lighting {
  const direction = between(random, 0, 2 * Math.PI);
  const towards = { x: Math.cos(direction), y: Math.sin(direction) };
  const lean = between(random, 0.1, 0.62);
  const lamps: Lamp[] = [
    {
      slopeX: towards.x * lean,
      slopeY: towards.y * lean,
      power: between(random, 0.9, 2.4),
      size: between(random, 0.8, 1.5),
      colour: pickWeighted(random, lampColours),
    },
  ];
  if (chance(random, 0.65)) {
    const other = direction + between(random, 1.4, 4.4);
    const lean2 = between(random, 0.2, 0.8);
    lamps.push({
      slopeX: Math.cos(other) * lean2,
      slopeY: Math.sin(other) * lean2,
      power: between(random, 0.2, 1),
      size: between(random, 0.9, 2),
      colour: pickWeighted(random, lampColours),
    });
  }
  const level = between(random, 0.6, 1.1);
  const tint = pickWeighted(random, lampColours);
  return {
    lamps,
    towards,
    nearness: 1 / between(random, 550, 1500),
    ambient: [tint[0] * level, tint[1] * level, tint[2] * level],
    roomSeed: freshSeed(random),
  };
}

const roomSize = 96;

/** The surroundings as seen in a mirror ball: brightness by the surface normal's x and y, each -1 to 1. */
function roomMap(seed: number, towards: Point): Float32Array {
  const random = createRandom(seed);
  const map = new Float32Array(roomSize * roomSize);
  const base = between(random, 0.2, 0.34);
  const slope = between(random, 0.05, 0.22);
  const floor = between(random, 0.05, 0.14);
  const panels = Array.from({ length: wholeBetween(random, 2, 5) }, () => {
    const angle = between(random, 0, 2 * Math.PI);
    const distance = between(random, 0.25, 0.66);
    return {
      x: Math.cos(angle) * distance,
      y: Math.sin(angle) * distance,
      halfX: between(random, 0.05, 0.2),
      halfY: between(random, 0.05, 0.3),
      angle: between(random, 0, 3),
      light: chance(random, 0.7) ? between(random, 0.25, 0.9) : -between(random, 0.08, 0.2),
    };
  });
  for (let row = 0; row < roomSize; row++) {
    for (let column = 0; column < roomSize; column++) {
      const x = ((column + 0.5) / roomSize) * 2 - 1;
      const y = ((row + 0.5) / roomSize) * 2 - 1;
      let light = base + slope * (x * towards.x + y * towards.y);
      for (const panel of panels) {
        const dx = x - panel.x;
        const dy = y - panel.y;
        const along = Math.abs(dx * Math.cos(panel.angle) + dy * Math.sin(panel.angle)) - panel.halfX;
        const across = Math.abs(dy * Math.cos(panel.angle) - dx * Math.sin(panel.angle)) - panel.halfY;
        light += panel.light * smoothStep(0.09, -0.05, along) * smoothStep(0.09, -0.05, across);
      }
      const horizon = smoothStep(0.6, 0.82, Math.sqrt(x * x + y * y));
      map[row * roomSize + column] = Math.max(0.02, light * (1 - horizon) + floor * horizon);
    }
  }
  return map;
}

/** Lights the part's pixels of the frame and lays them over what r, g and b hold (the bench), by their cover. */
export function lightPart(frame: Frame, lighting: Lighting): void {
  const { width, height, relief, cover, zone, rough: roughness, shade: shades, r, g, b } = frame;
  const { slopeX, slopeY, acrossX, acrossY, metalR, metalG, metalB, coatA } = frame;
  const room = roomMap(lighting.roomSeed, lighting.towards);
  const { nearness, ambient, lamps } = lighting;
  const none: Lamp = { slopeX: 0, slopeY: 0, power: 0, size: 1, colour: [0, 0, 0] };
  const main = lamps[0] ?? none;
  const second = lamps[1] ?? none;
  const half = roomSize / 2;
  for (let y = 0; y < height; y++) {
    const up = y > 0 ? -width : 0;
    const down = y < height - 1 ? width : 0;
    const shiftY = (y - height / 2) * nearness;
    for (let x = 0, at = y * width; x < width; x++, at++) {
      const covered = cover[at] ?? 0;
      if (covered <= 0) continue;
      const left = x > 0 ? -1 : 0;
      const right = x < width - 1 ? 1 : 0;
      let dx = ((relief[at + right] ?? 0) - (relief[at + left] ?? 0)) * 0.5;
      let dy = ((relief[at + down] ?? 0) - (relief[at + up] ?? 0)) * 0.5;
      if (covered < 1) {
        dx = Math.max(-1, Math.min(1, dx));
        dy = Math.max(-1, Math.min(1, dy));
      }
      const sx = (slopeX[at] ?? 0) - Math.max(-4, Math.min(4, dx));
      const sy = (slopeY[at] ?? 0) - Math.max(-4, Math.min(4, dy));
      const shiftX = (x - width / 2) * nearness;
      const rough = roughness[at] ?? 0;
      const ax = acrossX[at] ?? 1;
      const ay = acrossY[at] ?? 0;
      const wideAcross = 1 / (0.34 + 0.3 * rough);
      const wideAlong = 1 / (0.075 + 0.5 * rough);
      const peak = 1 - 0.45 * rough;
      const one = peak * lobe(main, sx + shiftX, sy + shiftY, ax, ay, wideAcross, wideAlong);
      const two = peak * lobe(second, sx + shiftX, sy + shiftY, ax, ay, wideAcross, wideAlong);

      const mx = sx + shiftX * 0.6;
      const my = sy + shiftY * 0.6;
      const norm = half / Math.sqrt(1 + mx * mx + my * my);
      const roomX = Math.min(roomSize - 1, (mx * norm + half) | 0);
      const roomY = Math.min(roomSize - 1, (my * norm + half) | 0);
      const seen = (room[roomY * roomSize + roomX] ?? 0.2) * (1 - 0.5 * rough) + 0.13 * rough;

      const shade = shades[at] ?? 1;
      const lightR = (seen * ambient[0] + one * main.colour[0] + two * second.colour[0]) * shade;
      const lightG = (seen * ambient[1] + one * main.colour[1] + two * second.colour[1]) * shade;
      const lightB = (seen * ambient[2] + one * main.colour[2] + two * second.colour[2]) * shade;
      let pr = (metalR[at] ?? 0) * lightR;
      let pg = (metalG[at] ?? 0) * lightG;
      let pb = (metalB[at] ?? 0) * lightB;
      const coat = coatA[at] ?? 0;
      if (coat > 0) {
        const lean = zone[at] === topFace ? sx * lighting.towards.x + sy * lighting.towards.y : 0;
        const facing = Math.max(0.1, 0.75 + 0.45 * lean);
        const matt = diffuse(main, second, shiftX, shiftY) * facing * shade * 0.66;
        pr += ((frame.coatR[at] ?? 0) * matt * (0.4 * ambient[0] + 0.6 * main.colour[0]) - pr) * coat;
        pg += ((frame.coatG[at] ?? 0) * matt * (0.4 * ambient[1] + 0.6 * main.colour[1]) - pg) * coat;
        pb += ((frame.coatB[at] ?? 0) * matt * (0.4 * ambient[2] + 0.6 * main.colour[2]) - pb) * coat;
      }
      r[at] = (r[at] ?? 0) * (1 - covered) + pr * covered;
      g[at] = (g[at] ?? 0) * (1 - covered) + pg * covered;
      b[at] = (b[at] ?? 0) * (1 - covered) + pb * covered;
    }
  }
}

/** Light on a matt surface that faces the camera, 0 to about 1, falling off away from the lamps' pools. */
export function diffuse(main: Lamp, second: Lamp, shiftX: number, shiftY: number): number {
  const x1 = main.slopeX - shiftX;
  const y1 = main.slopeY - shiftY;
  const x2 = second.slopeX - shiftX;
  const y2 = second.slopeY - shiftY;
  return (
    0.22 +
    (0.62 * main.power) / (1 + 1.1 * (x1 * x1 + y1 * y1)) +
    (0.45 * second.power) / (1 + 0.9 * (x2 * x2 + y2 * y2))
  );
}

/**
 * How much of a lamp a surface of slope (sx, sy) mirrors: an anisotropic distribution of slopes with the long tails of
 * GGX (Walter and others, 2007), wide across the tool marks and narrow along them.
 */
function lobe(lamp: Lamp, sx: number, sy: number, ax: number, ay: number, across: number, along: number): number {
  if (lamp.power === 0) return 0;
  const dx = lamp.slopeX - sx;
  const dy = lamp.slopeY - sy;
  const a = ((dx * ax + dy * ay) * across) / lamp.size;
  const b = ((dy * ax - dx * ay) * along) / lamp.size;
  const q = 1 + a * a + b * b * 0.35;
  return lamp.power / (q * Math.sqrt(q));
}
