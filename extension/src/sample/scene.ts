import { createRandom, type Random } from '../core/random.ts';
import { drawBench, type Bench } from './camera/background.ts';
import type { Defect, DefectClass } from './defects/defect.ts';
import type { Distractor } from './defects/distractors.ts';
import { between, chance, freshSeed, gaussian, pick, pickWeighted } from './draw/draws.ts';
import { drawLighting, type Lighting } from './camera/lighting.ts';
import type { Occluder } from './camera/occluders.ts';
import { drawOptics, type Optics } from './camera/optics.ts';
import type { Part } from './part/part.ts';
import { drawPart } from './part/parts.ts';
import type { Setting } from './draw/setting.ts';
import { toPart, type Point, type View } from './draw/view.ts';

/** Everything that one picture shows: data only, so that frames of a burst differ in view and grain alone. */
export interface Scene {
  readonly width: number;
  readonly height: number;
  readonly part: Part;
  readonly view: View;
  readonly lighting: Lighting;
  readonly bench: Bench;
  readonly defects: readonly Defect[];
  readonly distractors: readonly Distractor[];
  readonly occluder: Occluder | undefined;
  readonly optics: Optics;
}

/** Draws the scene of one part that carries defects of the given classes. */
export function drawScene(seed: number, classes: readonly DefectClass[]): Scene {
  const random = createRandom(seed);
  const setting: Setting = chance(random, 0.9) ? 'station' : 'shop floor';
  const portrait = setting === 'shop floor' && chance(random, 0.4);
  const [width, height] = portrait ? [480, 640] : [640, 480];
  const part = drawPart(random, setting);
  const view = drawView(random, setting, part, width, height);
  const lighting = drawLighting(random, setting);
  const bench = drawBench(random, setting);
  const occluder = chance(random, setting === 'station' ? 0.06 : 0.2)
    ? {
        kind: pickWeighted(random, [
          ['cable', 4],
          ['clamp', 4],
          ['hose', 3],
        ] as const),
        seed: freshSeed(random),
      }
    : undefined;
  const defects: Defect[] = [];
  for (const kind of classes) {
    const defect = placeDefect(random, kind, part, view, width, height, defects);
    if (defect !== undefined) defects.push(defect);
  }
  const distractors = drawDistractors(random, setting, part, view, width, height);
  const optics = drawOptics(random, setting, { noisy: chance(random, 0.08), blurred: chance(random, 0.06) });
  return { width, height, part, view, lighting, bench, defects, distractors, occluder, optics };
}

/** The next frame of a burst: the same part a few pixels further, a breath of turn and zoom, other grain. */
export function nextFrame(scene: Scene, seed: number): Scene {
  const random = createRandom(seed);
  const { view, optics } = scene;
  return {
    ...scene,
    view: {
      ...view,
      centreX: view.centreX + gaussian(random) * 5,
      centreY: view.centreY + gaussian(random) * 5,
      angle: view.angle + gaussian(random) * 0.012,
      scale: view.scale * (1 + gaussian(random) * 0.008),
    },
    optics: { ...optics, exposure: optics.exposure * between(random, 0.97, 1.03), grainSeed: freshSeed(random) },
  };
}

function drawView(random: Random, setting: Setting, part: Part, width: number, height: number): View {
  const atStation = setting === 'station';
  const long = Math.max(width, height);
  const fit = (long / 2 / part.reach) * between(random, 1.05, atStation ? 1.35 : 1.8);
  const scale = part.kind === 'face' ? (atStation ? between(random, 0.95, 1.15) : between(random, 0.75, 1.35)) : fit;
  const upright = width < height ? Math.PI / 2 : 0;
  const turned = part.kind === 'flange' || part.kind === 'ring' || part.kind === 'gear';
  const angle = turned ? between(random, 0, Math.PI * 2) : upright + gaussian(random) * (atStation ? 0.06 : 0.16);
  const roam = part.kind === 'face' ? 150 : 38 * scale;
  return {
    centreX: width / 2 + between(random, -roam, roam),
    centreY: height / 2 + between(random, -roam, roam),
    angle: !atStation && chance(random, 0.3) ? angle + between(random, -0.8, 0.8) : angle,
    scale,
    tiltX: gaussian(random) * (atStation ? 0.00008 : 0.00025),
    tiltY: gaussian(random) * (atStation ? 0.00008 : 0.0003),
  };
}

/** Distance in part units from a point of the face to the nearest border, hole or shaft limb; negative off the face. */
function clearance(part: Part, u: number, v: number): number {
  let nearest = -part.outline(u, v) - part.chamfer;
  if (part.shaft.length > 0) nearest -= Math.abs(v) * 0.2;
  for (const opening of part.openings) nearest = Math.min(nearest, opening.field(u, v) - opening.chamfer);
  for (const pocket of part.pockets) nearest = Math.min(nearest, Math.abs(pocket.field(u, v)) - 2);
  return nearest;
}

function placeDefect(
  random: Random,
  kind: DefectClass,
  part: Part,
  view: View,
  width: number,
  height: number,
  others: readonly Defect[],
): Defect | undefined {
  const tiny = chance(random, 0.08);
  const faint = chance(random, 0.1);
  const atEdge = chance(random, 0.1);
  const overlapping = others.length > 0 && chance(random, 0.3);
  const apart = overlapping ? 12 : 75;
  const [least, most] = atEdge ? [1, 10] : [kind === 'stain' || kind === 'dent' ? 26 : 12, Infinity];
  // Thin lines along the picture's axes have boxes a few pixels high: they are left to the long tail.
  const quarter = pick(random, [0, 1]) * (Math.PI / 2);
  const inPicture = chance(random, 0.1)
    ? between(random, 0, Math.PI)
    : quarter + between(random, 0.22, Math.PI / 2 - 0.22);
  const angle = inPicture - view.angle;
  const fits = (u: number, v: number): boolean => {
    const free = clearance(part, u, v);
    if (free < least || free > most) return false;
    const nearest = Math.min(Infinity, ...others.map((other) => Math.hypot(other.u - u, other.v - v)));
    return nearest > apart && (!overlapping || nearest < 70);
  };
  const place =
    (atEdge
      ? undefined
      : findPlace(random, part, view, width, height, (u, v) => fits(u, v) && fitsAlong(part, u, v, angle))) ??
    findPlace(random, part, view, width, height, fits);
  if (place === undefined) return undefined;
  return {
    kind,
    u: place.x,
    v: place.y,
    angle,
    size: (tiny ? between(random, 0.3, 0.5) : between(random, 0.85, 1.2)) / view.scale,
    contrast: faint ? between(random, 0.36, 0.55) : between(random, 0.85, 1.15),
    seed: freshSeed(random),
  };
}

/** Whether a line through the point stays on the face for most of a defect's length. */
function fitsAlong(part: Part, u: number, v: number, angle: number): boolean {
  return [-60, -30, 30, 60].every((t) => clearance(part, u + t * Math.cos(angle), v + t * Math.sin(angle)) > 0);
}

function findPlace(
  random: Random,
  part: Part,
  view: View,
  width: number,
  height: number,
  fits: (u: number, v: number) => boolean,
): Point | undefined {
  const border = chance(random, 0.12) ? 0.03 : 0.14;
  for (let attempt = 0; attempt < 500; attempt++) {
    const x = between(random, border, 1 - border) * width;
    const y = between(random, border, 1 - border) * height;
    const place = toPart(view, x, y);
    if (fits(place.x, place.y)) return place;
  }
  return undefined;
}

const distractorShares: readonly (readonly [Distractor['kind'], number])[] = [
  ['dust', 0.3],
  ['drops', 0.09],
  ['print', 0.1],
  ['chalk', 0.08],
  ['text', 0.14],
  ['code', 0.05],
  ['chips', 0.09],
];

function drawDistractors(
  random: Random,
  setting: Setting,
  part: Part,
  view: View,
  width: number,
  height: number,
): Distractor[] {
  const found: Distractor[] = [];
  for (const [kind, share] of distractorShares) {
    if (!chance(random, setting === 'station' ? share * 0.7 : share * 2)) continue;
    const room = kind === 'text' ? 52 : kind === 'code' ? 28 : 12;
    const place = findPlace(random, part, view, width, height, (u, v) => clearance(part, u, v) > room);
    if (place !== undefined) found.push({ kind, u: place.x, v: place.y, seed: freshSeed(random) });
  }
  return found;
}
