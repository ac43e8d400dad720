import type { Random } from '../../core/random.ts';
import { between, chance, pick, pickWeighted, wholeBetween } from '../draw/draws.ts';
import type { Rgb } from '../draw/frame.ts';
import { drawFinish, opening, type Opening, type Part, type Pocket } from './part.ts';
import { disc, hexagon, roundedBox, slot, union, without, type Field } from '../draw/shapes.ts';

/** A plate, a bracket, or a face so large that it fills the picture. */
export function drawMilled(random: Random, kind: 'plate' | 'bracket' | 'face', metal: Rgb): Part {
  const large = kind === 'face' ? 2.4 : 1;
  const halfU = between(random, 190, 270) * large;
  const halfV = halfU * between(random, 0.52, 0.8);
  const corner = between(random, 4, 40);
  let outline = roundedBox(0, 0, halfU, halfV, corner);
  const openings: Opening[] = [];
  const pockets: Pocket[] = [];
  if (kind === 'bracket') {
    const notch = roundedBox(
      halfU * pick(random, [-1, 1]),
      halfV * pick(random, [-1, 1]),
      halfU * 0.8,
      halfV * 0.75,
      22,
    );
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
  const finish = drawFinish(
    random,
    pickWeighted(random, [
      ['linear', 50],
      ['arcs', 28],
      ['blasted', 22],
    ] as const),
  );
  return {
    kind,
    outline,
    metal,
    finish,
    openings,
    pockets,
    shoulders: [],
    shaft: [],
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
      u,
      v,
      reach: half + radius + 8,
      chamfer: between(random, 1.5, 4),
      threaded: false,
      through: true,
    });
  } else if (choice < 0.72) {
    const pocketU = between(random, 40, 85);
    const pocketV = between(random, 30, 55);
    const field = roundedBox(u, v, pocketU, pocketV, between(random, 10, 26));
    pockets.push({ field, u, v, reach: Math.max(pocketU, pocketV) + 12, depth: between(random, 4, 12) });
    if (chance(random, 0.5)) openings.push(opening(random, u, v, between(random, 8, 18), 0.3));
  } else if (choice < 0.84) {
    const field = hexagon(u, v, between(random, 20, 40), between(random, 0, 1));
    const chamfer = between(random, 2, 4);
    openings.push({ field, u, v, reach: 60, chamfer, threaded: false, through: true });
  }
}

function addFaceDetails(random: Random, openings: Opening[], halfU: number, halfV: number): void {
  const count = wholeBetween(random, 0, 3);
  for (let i = 0; i < count; i++) {
    const u = between(random, -0.8, 0.8) * halfU;
    const v = between(random, -0.8, 0.8) * halfV;
    if (openings.every((other) => Math.hypot(other.u - u, other.v - v) > other.reach + 80)) {
      openings.push(opening(random, u, v, between(random, 10, 48), 0.3));
    }
  }
}
