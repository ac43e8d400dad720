import { sampleTile, type NoiseLibrary } from './noise.ts';
import type { Finish } from './parts.ts';

/** What a finish does at one point; the same object is filled again and again. */
export interface Marks {
  /** Unit vector across the marks, in the part plane. */
  acrossU: number;
  acrossV: number;
  /** Slope along that vector, and for finishes without a direction along the other axis too. */
  slope: number;
  sideSlope: number;
  /** Factor of brightness. */
  tone: number;
  /** 0: a directed finish, 1: scatters in all directions. */
  rough: number;
}

export type MarkField = (u: number, v: number, marks: Marks) => void;

/** The finish as a function of part coordinates. `scale` (pixels per unit) keeps grooves wider than the pixels. */
export function markField(finish: Finish, noise: NoiseLibrary, scale: number): MarkField {
  const pitch = Math.max(finish.pitch, 3 / scale);
  const wave = (2 * Math.PI) / pitch;
  const fine = Math.max(0.55, scale) * 0.9;
  const { streak, cloud } = noise;
  const { groove, lines, offset } = finish;

  const directed = (along: number, across: number, waviness: number, marks: Marks): void => {
    const thin = sampleTile(streak, along * 0.8 + offset, across * fine + offset);
    const broad = sampleTile(streak, along * 0.35 + 90 + offset, across * 0.21 + 40 + offset);
    const patch = sampleTile(cloud, along * 0.31 + offset, across * 0.31 + offset);
    const groovePhase = across * wave + broad * waviness;
    marks.slope = lines * (thin * 0.75 + broad * 0.35) + groove * Math.cos(groovePhase) * (1 + 0.5 * patch);
    marks.sideSlope = 0;
    marks.tone = 1 + 0.045 * thin + 0.04 * broad + 0.05 * patch + groove * 0.8 * Math.sin(groovePhase);
    marks.rough = 0.04;
  };

  if (finish.kind === 'blasted') {
    return (u, v, marks) => {
      const x = u * scale * 0.7 + offset;
      const y = v * scale * 0.7 + offset;
      marks.acrossU = 1;
      marks.acrossV = 0;
      marks.slope = 0.16 * sampleTile(noise.white, x, y) + 0.03 * sampleTile(cloud, u + offset, v);
      marks.sideSlope = 0.16 * sampleTile(noise.white, y + 171, x + 37) + 0.03 * sampleTile(cloud, v, u + offset);
      marks.tone = 0.82 + 0.05 * sampleTile(cloud, u * 0.5 + offset, v * 0.5) + 0.03 * sampleTile(noise.white, y, x);
      marks.rough = 0.55;
    };
  }
  if (finish.kind === 'concentric') {
    // Whole repeats of the tile around the circle, so that no seam shows.
    const turn = 512 / (2 * Math.PI) / 0.35;
    return (u, v, marks) => {
      const radius = Math.sqrt(u * u + v * v) + 0.001;
      marks.acrossU = u / radius;
      marks.acrossV = v / radius;
      const angle = Math.atan2(v, u);
      directed(angle * turn, radius, 0.3, marks);
    };
  }
  if (finish.kind === 'around') {
    return (u, v, marks) => {
      marks.acrossU = 1;
      marks.acrossV = 0;
      directed(v * 0.7, u, 0.25, marks);
    };
  }
  const cos = Math.cos(finish.angle);
  const sin = Math.sin(finish.angle);
  if (finish.kind === 'linear') {
    return (u, v, marks) => {
      marks.acrossU = -sin;
      marks.acrossV = cos;
      directed(u * cos + v * sin, v * cos - u * sin, 1.5, marks);
    };
  }
  const { cutter, pass } = finish;
  return (u, v, marks) => {
    const along = u * cos + v * sin;
    const side = v * cos - u * sin + offset;
    const row = Math.floor(side / pass);
    const w = side - (row + 0.5) * pass;
    const reach = Math.sqrt(Math.max(cutter * cutter * 0.05, cutter * cutter - w * w * Math.min(1, (cutter * cutter) / (pass * pass))));
    const bent = Math.min(0.97, Math.abs(w) / Math.max(cutter, pass * 0.55)) * Math.sign(w);
    const straight = Math.sqrt(1 - bent * bent);
    marks.acrossU = straight * cos - bent * sin;
    marks.acrossV = straight * sin + bent * cos;
    directed(w + row * 211, along - reach + row * 61, 0.5, marks);
    const seam = Math.abs(w) - pass * 0.5 + 1.2;
    if (seam > 0) marks.tone *= 1 - 0.12 * Math.min(1, seam);
  };
}
