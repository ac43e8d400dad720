import type { Random } from '../../core/random.ts';
import { between, chance, pick, pickWeighted, wholeBetween } from './draws.ts';
import type { Rgb } from './frame.ts';
import {
  disc,
  gear,
  hexagon,
  roundedBox,
  shaftOutline,
  slot,
  union,
  without,
  type Field,
  type ShaftStretch,
} from './shapes.ts';

/** The marks that the last tool left. */
export interface Finish {
  readonly kind: 'linear' | 'concentric' | 'arcs' | 'blasted' | 'around';
  /** Direction of the marks or of the feed, radians in the part plane. */
  readonly angle: number;
  /** Distance between grooves, part units. */
  readonly pitch: number;
  /** Slope of the regular grooves and of the irregular lines. */
  readonly groove: number;
  readonly lines: number;
  /** Radius of a milling cutter and distance between its passes, part units. */
  readonly cutter: number;
  readonly pass: number;
  /** Shifts the pattern, so that no two parts carry the same marks. */
  readonly offset: number;
}

export interface Opening {
  readonly field: Field;
  readonly u: number;
  readonly v: number;
  readonly reach: number;
  readonly chamfer: number;
  readonly threaded: boolean;
  /** Wide enough that the bench shows at its bottom. */
  readonly through: boolean;
}

export interface Pocket {
  readonly field: Field;
  readonly u: number;
  readonly v: number;
  readonly reach: number;
  readonly depth: number;
}

/** A shoulder around the axis of a turned part: the face rises by `rise` outside `radius`. */
export interface Shoulder {
  readonly radius: number;
  readonly rise: number;
}

export interface Part {
  readonly kind: 'flange' | 'ring' | 'gear' | 'plate' | 'bracket' | 'face' | 'shaft';
  readonly outline: Field;
  /** Radius of a disc around the origin that holds the part. */
  readonly reach: number;
  readonly chamfer: number;
  /** Height above the bench, pixels at scale 1. */
  readonly thickness: number;
  readonly metal: Rgb;
  readonly finish: Finish;
  readonly openings: readonly Opening[];
  readonly pockets: readonly Pocket[];
  readonly shoulders: readonly Shoulder[];
  /** Empty unless the part is a shaft. */
  readonly shaft: readonly ShaftStretch[];
}

const metals: readonly (readonly [Rgb, number])[] = [
  [[0.6, 0.6, 0.61], 30],
  [[0.75, 0.76, 0.775], 24],
  [[0.5, 0.505, 0.52], 14],
  [[0.64, 0.6, 0.55], 7],
  [[0.78, 0.62, 0.34], 8],
  [[0.72, 0.47, 0.34], 4],
  [[0.3, 0.3, 0.31], 8],
  [[0.68, 0.66, 0.5], 3],
];

/** Draws a part: its shape, holes, metal and finish. */
export function drawPart(random: Random): Part {
  const kind = pickWeighted<Part['kind']>(random, [
    ['flange', 20],
    ['plate', 22],
    ['face', 18],
    ['ring', 10],
    ['bracket', 11],
    ['shaft', 13],
    ['gear', 6],
  ]);
  const base = pickWeighted(random, metals);
  const warmth = between(random, -0.025, 0.025);
  const metal: Rgb = [base[0] + warmth, base[1], base[2] - warmth];
  if (kind === 'shaft') return drawShaft(random, metal);
  if (kind === 'flange' || kind === 'ring' || kind === 'gear') return drawTurned(random, kind, metal);
  return drawMilled(random, kind, metal);
}

function drawTurned(random: Random, kind: 'flange' | 'ring' | 'gear', metal: Rgb): Part {
  const radius = between(random, 165, 225);
  const boreRadius = radius * (kind === 'ring' ? between(random, 0.5, 0.66) : between(random, 0.16, 0.34));
  const openings: Opening[] = [opening(random, 0, 0, boreRadius, 0.25)];
  const shoulders: Shoulder[] = [];
  const free = radius - boreRadius;
  if (kind !== 'gear' && chance(random, 0.75)) {
    const shoulder = boreRadius + free * between(random, 0.22, 0.42);
    shoulders.push({ radius: shoulder, rise: between(random, -7, -2) });
    if (chance(random, 0.4)) shoulders.push({ radius: shoulder + free * 0.22, rise: between(random, -2, 3) });
  }
  if (kind !== 'ring') {
    const count = wholeBetween(random, 3, 8);
    const circle = boreRadius + free * between(random, 0.55, 0.72);
    const size = Math.min(between(random, 8, 18), free * 0.15);
    const start = between(random, 0, Math.PI);
    const threaded = chance(random, 0.35) ? 1 : 0;
    for (let i = 0; i < count; i++) {
      const angle = start + (2 * Math.PI * i) / count;
      openings.push(opening(random, circle * Math.cos(angle), circle * Math.sin(angle), size, threaded));
    }
  }
  const outline =
    kind === 'gear' ? gear(radius, between(random, 7, 12), wholeBetween(random, 24, 44)) : disc(0, 0, radius);
  const finish = { ...drawFinish(random, 'concentric'), ...(chance(random, 0.12) ? { kind: 'blasted' as const } : {}) };
  return {
    ...{ kind, outline, metal, finish, openings, shoulders, pockets: [], shaft: [] },
    reach: radius + 14,
    chamfer: between(random, 2, 7),
    thickness: between(random, 8, 36),
  };
}

function drawMilled(random: Random, kind: 'plate' | 'bracket' | 'face', metal: Rgb): Part {
  const large = kind === 'face' ? 2.4 : 1;
  const halfU = between(random, 190, 270) * large;
  const halfV = halfU * between(random, 0.52, 0.8);
  const corner = between(random, 4, 40);
  let outline = roundedBox(0, 0, halfU, halfV, corner);
  const openings: Opening[] = [];
  const pockets: Pocket[] = [];
  if (kind === 'bracket') {
    const notch = roundedBox(halfU * pick(random, [-1, 1]), halfV * pick(random, [-1, 1]), halfU * 0.8, halfV * 0.75, 22);
    outline = without(outline, notch);
    if (chance(random, 0.4)) outline = union(outline, disc(-halfU * 0.2, -halfV * 0.2, halfV * 0.6));
  }
  const inset = between(random, 28, 46);
  const size = between(random, 9, 22);
  const threaded = chance(random, 0.3) ? 1 : 0;
  for (const [su, sv] of [
    [-1, -1],
    [1, -1],
    [-1, 1],
    [1, 1],
  ] as const) {
    const u = su * (halfU - inset);
    const v = sv * (halfV - inset);
    if (outline(u, v) < -inset * 0.7) openings.push(opening(random, u, v, size, threaded));
  }
  if (kind === 'face') addFaceDetails(random, openings, halfU, halfV);
  else addPlateDetails(random, outline, openings, pockets, halfU, halfV);
  const finish = drawFinish(random, pickWeighted(random, [['linear', 40], ['arcs', 42], ['blasted', 18]] as const));
  return {
    ...{ kind, outline, metal, finish, openings, pockets, shoulders: [], shaft: [] },
    reach: Math.hypot(halfU, halfV) + 4,
    chamfer: between(random, 1.5, 6),
    thickness: between(random, 8, 34),
  };
}

function addPlateDetails(
  random: Random,
  outline: Field,
  openings: Opening[],
  pockets: Pocket[],
  halfU: number,
  halfV: number,
): void {
  const u = between(random, -0.35, 0.35) * halfU;
  const v = between(random, -0.25, 0.25) * halfV;
  if (outline(u, v) > -60) return;
  const choice = random();
  if (choice < 0.3) {
    openings.push(opening(random, u, v, between(random, 22, 52), 0.2));
  } else if (choice < 0.5) {
    const radius = between(random, 11, 22);
    const half = between(random, 30, 70);
    const angle = pick(random, [0, Math.PI / 2, 0.6]);
    openings.push({
      field: slot(u, v, half, radius, angle),
      ...{ u, v, reach: half + radius + 8, chamfer: between(random, 1.5, 4), threaded: false, through: true },
    });
  } else if (choice < 0.72) {
    const pocketU = between(random, 40, 85);
    const pocketV = between(random, 30, 55);
    const field = roundedBox(u, v, pocketU, pocketV, between(random, 10, 26));
    pockets.push({ field, u, v, reach: Math.max(pocketU, pocketV) + 12, depth: between(random, 4, 12) });
    if (chance(random, 0.5)) openings.push(opening(random, u, v, between(random, 8, 18), 0.3));
  } else if (choice < 0.84) {
    const field = hexagon(u, v, between(random, 20, 40), between(random, 0, 1));
    openings.push({ field, ...{ u, v, reach: 60, chamfer: between(random, 2, 4), threaded: false, through: true } });
  }
}

function addFaceDetails(random: Random, openings: Opening[], halfU: number, halfV: number): void {
  const count = wholeBetween(random, 0, 5);
  for (let i = 0; i < count; i++) {
    const u = between(random, -0.8, 0.8) * halfU;
    const v = between(random, -0.8, 0.8) * halfV;
    if (openings.every((other) => Math.hypot(other.u - u, other.v - v) > other.reach + 80)) {
      openings.push(opening(random, u, v, between(random, 10, 48), 0.3));
    }
  }
}

function drawShaft(random: Random, metal: Rgb): Part {
  const half = between(random, 230, 330);
  const body = between(random, 60, 110);
  const stretches: ShaftStretch[] = [];
  let at = -half;
  while (at < half - 30) {
    const to = Math.min(half, at + between(random, 70, 240));
    const surface = pickWeighted<ShaftStretch['surface']>(random, [['turned', 45], ['ground', 30], ['thread', 18], ['knurl', 7]]);
    const radius = body * (stretches.length === 1 ? 1 : between(random, 0.62, 0.98));
    stretches.push({ from: at, to, radius, surface, pitch: between(random, 7, 13) });
    if (to < half - 40 && chance(random, 0.4)) {
      stretches.push({ from: to, to: to + 9, radius: radius * 0.8, surface: 'turned', pitch: 8 });
      at = to + 9;
    } else at = to;
  }
  const chamfer = between(random, 3, 8);
  return {
    ...{ kind: 'shaft' as const, metal, chamfer, openings: [], pockets: [], shoulders: [], shaft: stretches },
    outline: shaftOutline(stretches, chamfer),
    reach: Math.hypot(half + 10, body + 5),
    thickness: 0,
    finish: drawFinish(random, 'around'),
  };
}

function drawFinish(random: Random, kind: Finish['kind']): Finish {
  return {
    kind,
    angle: pick(random, [0, Math.PI / 2, 0, between(random, 0, Math.PI)]),
    pitch: kind === 'arcs' ? between(random, 4, 11) : between(random, 3.2, 6),
    groove: kind === 'blasted' ? 0 : between(random, 0.02, kind === 'arcs' ? 0.1 : 0.06) * (chance(random, 0.25) ? 0.2 : 1),
    lines: between(random, 0.05, 0.14),
    cutter: between(random, 45, 190),
    pass: between(random, 70, 220),
    offset: between(random, 0, 500),
  };
}

function opening(random: Random, u: number, v: number, radius: number, threaded: number): Opening {
  const chamfer = Math.min(radius * 0.35, between(random, 1.5, 6));
  return {
    ...{ field: disc(u, v, radius), u, v, reach: radius + chamfer + 3, chamfer },
    threaded: chance(random, threaded),
    through: radius > 20 && chance(random, 0.85),
  };
}
