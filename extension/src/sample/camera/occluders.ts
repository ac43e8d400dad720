import { createRandom, type Random } from '../../core/random.ts';
import { between, chance, pick } from '../draw/draws.ts';
import { eachStroke, setOver } from '../draw/over.ts';
import type { Frame, Rgb } from '../draw/frame.ts';
import type { Lighting } from './lighting.ts';
import { sampleTile, smoothStep, type NoiseLibrary } from '../draw/noise.ts';
import { blurPlane, sampleSoft, shrink } from '../draw/soft.ts';
import { mapStrokes, type StrokePoint } from '../draw/strokes.ts';

/** Something that hides a piece of the part from the camera. */
export interface Occluder {
  readonly kind: 'cable' | 'hose' | 'clamp';
  readonly seed: number;
}

/** Draws the occluder into the over layers and its shadow into `shade`. Image coordinates: it is no piece of the part. */
export function layOccluder(frame: Frame, noise: NoiseLibrary, lighting: Lighting, occluder: Occluder): void {
  const random = createRandom(occluder.seed);
  const before = frame.overA.slice();
  if (occluder.kind === 'clamp') layClamp(frame, noise, lighting, random);
  else layCable(frame, lighting, random, occluder.kind === 'hose');
  const body = shrink(
    frame.overA.map((value, at) => (value > (before[at] ?? 0) ? value : 0)),
    frame.width,
    frame.height,
  );
  blurPlane(body.data, body.width, body.height, 3);
  const drop = between(random, 12, 26);
  for (let y = 0; y < frame.height; y++) {
    for (let x = 0, at = y * frame.width; x < frame.width; x++, at++) {
      const dark = sampleSoft(body, x + lighting.towards.x * drop, y + lighting.towards.y * drop);
      if (dark > 0.01) frame.shade[at] = (frame.shade[at] ?? 1) * (1 - 0.6 * dark);
    }
  }
}

function layCable(frame: Frame, lighting: Lighting, random: Random, hose: boolean): void {
  const radius = hose ? between(random, 15, 24) : between(random, 6, 13);
  const colour: Rgb = hose
    ? pick<Rgb>(random, [
        [0.03, 0.12, 0.38],
        [0.05, 0.05, 0.055],
        [0.5, 0.2, 0.03],
      ])
    : pick<Rgb>(random, [
        [0.025, 0.025, 0.028],
        [0.2, 0.2, 0.21],
        [0.38, 0.03, 0.03],
        [0.45, 0.34, 0.03],
        [0.03, 0.09, 0.28],
      ]);
  const { width, height } = frame;
  const across = chance(random, 0.5);
  const offset = between(random, 0.08, 0.92);
  const line: StrokePoint[] = [];
  const sway = between(random, 20, 90);
  const phase = between(random, 0, 6);
  const beads = between(random, 1.25, 1.45) * radius;
  const length = Math.hypot(width, height);
  const end = hose ? between(random, 0.4, 0.8) : 1.1;
  for (let t = -0.06; t < end; t += 0.012) {
    const drift = Math.sin(phase + t * 3.4) * sway + (t - 0.5) * sway;
    const x = across ? t * width : offset * width + drift;
    const y = across ? offset * height + drift : t * height;
    const bead = hose ? 1 - 0.16 * Math.abs(Math.sin((t * length) / beads)) ** 6 : 1;
    line.push({ x, y, radius: radius * bead, strength: hose ? Math.abs(Math.sin((t * length) / beads)) : 1 });
  }
  const shine = between(random, 0.2, 0.7);
  const map = mapStrokes([line], 1.05, width, height);
  eachStroke(
    frame,
    map,
    (at, q, strength, side) => {
      if (q > 1.03) return;
      const s = Math.max(-1, Math.min(1, side));
      const facing = across ? lighting.towards.y * s : -lighting.towards.x * s;
      const round = Math.sqrt(Math.max(0, 1 - s * s));
      const light = 0.22 + 0.55 * round + 0.35 * facing;
      const glint = shine * Math.exp(-45 * (s - 0.42 * Math.sign(facing * s || 1)) ** 2);
      const seam = hose ? 1 - 0.5 * Math.max(0, strength - 0.93) * 14 : 1;
      const tone = Math.max(0.12, light) * Math.max(0.4, seam);
      setOver(
        frame,
        at,
        [colour[0] * tone + glint * 0.22, colour[1] * tone + glint * 0.22, colour[2] * tone + glint * 0.23],
        smoothStep(1.03, 0.96, q),
      );
    },
    true,
  );
}

/** A strap clamp that reaches in from a border, with a bolt near its tip. */
function layClamp(frame: Frame, noise: NoiseLibrary, lighting: Lighting, random: Random): void {
  const { width, height } = frame;
  const side = pick(random, [0, 1, 2, 3]);
  const inward = side * (Math.PI / 2) + between(random, -0.3, 0.3);
  const cos = Math.cos(inward);
  const sin = Math.sin(inward);
  const base = [
    { x: 0, y: between(random, 0.2, 0.8) * height },
    { x: between(random, 0.2, 0.8) * width, y: 0 },
    { x: width, y: between(random, 0.2, 0.8) * height },
    { x: between(random, 0.2, 0.8) * width, y: height },
  ][side] ?? { x: 0, y: 0 };
  const length = between(random, 85, 175);
  const half = between(random, 26, 46);
  const rim = between(random, 3, 6);
  const bolt = between(random, 13, 19);
  const colour = pick<Rgb>(random, [
    [0.07, 0.07, 0.075],
    [0.16, 0.16, 0.165],
    [0.3, 0.3, 0.3],
    [0.1, 0.17, 0.26],
  ]);
  const turn = between(random, 0, 1);
  const boltAt = length - half * 1.1;
  const facingAlong = lighting.towards.x * cos + lighting.towards.y * sin;
  const facingAcross = lighting.towards.y * cos - lighting.towards.x * sin;
  for (let y = 0; y < height; y++) {
    for (let x = 0, at = y * width; x < width; x++, at++) {
      const along = (x - base.x) * cos + (y - base.y) * sin;
      const across = (y - base.y) * cos - (x - base.x) * sin;
      if (along > length + 2 || Math.abs(across) > half + 2) continue;
      const distance = stadium(along - (length - half * 0.6), across, half);
      if (distance > 1) continue;
      let tone =
        0.8 + 0.1 * sampleTile(noise.streak, along * 0.7, across * 0.8) + 0.08 * sampleTile(noise.cloud, along, across);
      if (distance > -rim) {
        const tip = Math.max(0, along - (length - half * 0.6)) / half;
        tone += 0.9 * (tip * facingAlong + (across / half) * facingAcross + 0.1);
      }
      tone *=
        0.75 + 0.35 * (x / width - 0.5) * lighting.towards.x + 0.35 * (y / height - 0.5) * lighting.towards.y + 0.2;
      let shade = 1;
      let metal = 0;
      const bx = along - boltAt;
      const by = across;
      const hex = hexDistance(bx, by, turn, bolt);
      if (hex < 1) {
        metal = smoothStep(0.6, -0.6, hex);
        const socket = Math.sqrt(bx * bx + by * by) - bolt * 0.5;
        shade = socket < 0 ? 0.2 : hex > -3 ? 0.75 + (0.7 * (bx * facingAlong + by * facingAcross)) / bolt : 1;
      } else if (hex < 9) shade = 1 - 0.4 * Math.exp(-hex / 3);
      const grey = 0.34 * shade;
      const t = Math.max(0.15, tone) * shade;
      const mix = (channel: number): number => channel * t * (1 - metal) + grey * metal;
      setOver(frame, at, [mix(colour[0]), mix(colour[1]), mix(colour[2])], smoothStep(0.7, -0.7, distance));
    }
  }
}

function stadium(beyond: number, across: number, half: number): number {
  const corner = half * 0.6;
  const dx = Math.max(0, beyond);
  const dy = Math.max(0, Math.abs(across) - (half - corner));
  return Math.sqrt(dx * dx + dy * dy) - corner;
}

function hexDistance(x: number, y: number, turn: number, inner: number): number {
  let most = -Infinity;
  for (let i = 0; i < 3; i++) {
    const angle = turn + (i * Math.PI) / 3;
    most = Math.max(most, Math.abs(x * Math.cos(angle) + y * Math.sin(angle)));
  }
  return most - inner;
}
