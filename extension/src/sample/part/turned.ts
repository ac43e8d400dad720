import type { Random } from '../../core/random.ts';
import { between, chance, pickWeighted, wholeBetween } from '../draw/draws.ts';
import type { Rgb } from '../draw/frame.ts';
import { drawFinish, opening, type Opening, type Part, type Shoulder } from './part.ts';
import { disc, gear, shaftOutline, type ShaftStretch } from '../draw/shapes.ts';

/** A flange, a ring or a gear, seen along its axis. */
export function drawTurned(random: Random, kind: 'flange' | 'ring' | 'gear', metal: Rgb): Part {
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
    kind,
    outline,
    metal,
    finish,
    openings,
    shoulders,
    pockets: [],
    shaft: [],
    reach: radius + 14,
    chamfer: between(random, 2, 7),
    thickness: between(random, 8, 36),
  };
}

/** A shaft, seen from the side. */
export function drawShaft(random: Random, metal: Rgb): Part {
  const half = between(random, 230, 330);
  const body = between(random, 60, 110);
  const stretches: ShaftStretch[] = [];
  let at = -half;
  while (at < half - 30) {
    const to = Math.min(half, at + between(random, 70, 240));
    const surface = pickWeighted<ShaftStretch['surface']>(random, [
      ['turned', 45],
      ['ground', 30],
      ['thread', 18],
      ['knurl', 7],
    ]);
    const radius = body * (stretches.length === 1 ? 1 : between(random, 0.62, 0.98));
    stretches.push({ from: at, to, radius, surface, pitch: between(random, 7, 13) });
    if (to < half - 40 && chance(random, 0.4)) {
      stretches.push({ from: to, to: to + 9, radius: radius * 0.8, surface: 'turned', pitch: 8 });
      at = to + 9;
    } else at = to;
  }
  const chamfer = between(random, 3, 8);
  return {
    kind: 'shaft' as const,
    metal,
    chamfer,
    openings: [],
    pockets: [],
    shoulders: [],
    shaft: stretches,
    outline: shaftOutline(stretches, chamfer),
    reach: Math.hypot(half + 10, body + 5),
    thickness: 0,
    finish: drawFinish(random, 'around'),
  };
}
