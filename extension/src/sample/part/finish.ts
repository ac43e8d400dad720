import { sampleTile, type NoiseLibrary } from '../draw/noise.ts';
import type { Finish } from './part.ts';

/** What a finish does along one row of pixels; the same arrays are filled row after row. */
export interface MarkRow {
  /** Unit vector across the marks, in the part plane. */
  readonly acrossU: Float32Array;
  readonly acrossV: Float32Array;
  /** Slope along that vector, and for finishes without a direction along the other axis too. */
  readonly slope: Float32Array;
  readonly sideSlope: Float32Array;
  /** Factor of brightness. */
  readonly tone: Float32Array;
  /** 0: a directed finish, 1: scatters in all directions. */
  readonly rough: Float32Array;
  /** Coordinates along and across the marks, part units. */
  readonly along: Float32Array;
  readonly across: Float32Array;
}

/** Fills the marks of pixels `from` to `to` (excluded) of a row, whose part coordinates start at `start`. */
export type MarkFiller = (u: Float32Array, v: Float32Array, start: number, from: number, to: number) => void;

export function createMarkRow(width: number): MarkRow {
  const row = (): Float32Array => new Float32Array(width);
  return {
    acrossU: row(),
    acrossV: row(),
    slope: row(),
    sideSlope: row(),
    tone: row(),
    rough: row(),
    along: row(),
    across: row(),
  };
}

/** The finish as a filler of rows. `scale` (pixels per unit) keeps grooves wider than the pixels. */
export function markFiller(finish: Finish, noise: NoiseLibrary, scale: number, row: MarkRow): MarkFiller {
  if (finish.kind === 'blasted') return blasted(finish, noise, scale, row);
  const place = placer(finish, row);
  const waviness = { concentric: 0.3, around: 0.25, linear: 1.5, arcs: 0.5 }[finish.kind];
  return (u, v, start, from, to) => {
    place(u, v, start, from, to);
    directed(finish, noise, scale, waviness, row, from, to);
    if (finish.kind === 'arcs') darkenSeams(finish, row, from, to);
  };
}

/** Lines and grooves of a tool, by the coordinates along and across its path. */
function directed(
  finish: Finish,
  noise: NoiseLibrary,
  scale: number,
  waviness: number,
  row: MarkRow,
  from: number,
  to: number,
): void {
  const { streak, cloud } = noise;
  const { groove, lines, offset } = finish;
  const wave = (2 * Math.PI) / Math.max(finish.pitch, 3 / scale);
  const fine = Math.max(0.55, scale) * 0.9;
  for (let x = from; x < to; x++) {
    const along = row.along[x] ?? 0;
    const across = row.across[x] ?? 0;
    const thin = sampleTile(streak, along * 0.8 + offset, across * fine + offset);
    const broad = sampleTile(streak, along * 0.35 + 90 + offset, across * 0.21 + 40 + offset);
    const patch = sampleTile(cloud, along * 0.31 + offset, across * 0.31 + offset);
    const phase = across * wave + broad * waviness;
    row.slope[x] = lines * (thin * 0.75 + broad * 0.35) + groove * Math.cos(phase) * (1 + 0.5 * patch);
    row.sideSlope[x] = 0;
    row.tone[x] = 1 + 0.045 * thin + 0.04 * broad + 0.05 * patch + groove * 0.8 * Math.sin(phase);
    row.rough[x] = 0.04;
  }
}

function blasted(finish: Finish, noise: NoiseLibrary, scale: number, row: MarkRow): MarkFiller {
  const { white, cloud } = noise;
  const { offset } = finish;
  return (u, v, start, from, to) => {
    for (let x = from; x < to; x++) {
      const pu = u[start + x] ?? 0;
      const pv = v[start + x] ?? 0;
      const gx = pu * scale * 0.7 + offset;
      const gy = pv * scale * 0.7 + offset;
      const swell = 0.03 * sampleTile(cloud, pu + offset, pv);
      row.acrossU[x] = 1;
      row.acrossV[x] = 0;
      row.slope[x] = 0.16 * sampleTile(white, gx, gy) + swell;
      row.sideSlope[x] = 0.16 * sampleTile(white, gy + 171, gx + 37) - swell;
      row.tone[x] = 0.82 + 0.05 * sampleTile(cloud, pu * 0.5 + offset, pv * 0.5) + 0.03 * sampleTile(white, gy, gx);
      row.rough[x] = 0.55;
    }
  };
}

/** Fills direction and coordinates of the tool's path. */
function placer(finish: Finish, row: MarkRow): MarkFiller {
  if (finish.kind === 'concentric') {
    // Whole repeats of the tile around the circle, so that no seam shows.
    const turn = 512 / (2 * Math.PI) / 0.35;
    return (u, v, start, from, to) => {
      for (let x = from; x < to; x++) {
        const pu = u[start + x] ?? 0;
        const pv = v[start + x] ?? 0;
        const radius = Math.sqrt(pu * pu + pv * pv) + 0.001;
        row.acrossU[x] = pu / radius;
        row.acrossV[x] = pv / radius;
        row.along[x] = Math.atan2(pv, pu) * turn;
        row.across[x] = radius;
      }
    };
  }
  if (finish.kind === 'around') {
    return (u, v, start, from, to) => {
      for (let x = from; x < to; x++) {
        row.acrossU[x] = 1;
        row.acrossV[x] = 0;
        row.along[x] = (v[start + x] ?? 0) * 0.7;
        row.across[x] = u[start + x] ?? 0;
      }
    };
  }
  const cos = Math.cos(finish.angle);
  const sin = Math.sin(finish.angle);
  if (finish.kind === 'linear') {
    return (u, v, start, from, to) => {
      for (let x = from; x < to; x++) {
        const pu = u[start + x] ?? 0;
        const pv = v[start + x] ?? 0;
        row.acrossU[x] = -sin;
        row.acrossV[x] = cos;
        row.along[x] = pu * cos + pv * sin;
        row.across[x] = pv * cos - pu * sin;
      }
    };
  }
  return arcs(finish, row, cos, sin);
}

/** Arcs that a milling cutter leaves along its feed, pass beside pass. */
function arcs(finish: Finish, row: MarkRow, cos: number, sin: number): MarkFiller {
  const { cutter, pass, offset } = finish;
  const flatten = Math.min(1, (cutter * cutter) / (pass * pass));
  const widest = Math.max(cutter, pass * 0.55);
  return (u, v, start, from, to) => {
    for (let x = from; x < to; x++) {
      const pu = u[start + x] ?? 0;
      const pv = v[start + x] ?? 0;
      const side = pv * cos - pu * sin + offset;
      const lane = Math.floor(side / pass);
      const w = side - (lane + 0.5) * pass;
      const reach = Math.sqrt(Math.max(cutter * cutter * 0.05, cutter * cutter - w * w * flatten));
      const bent = Math.max(-0.97, Math.min(0.97, w / widest));
      const straight = Math.sqrt(1 - bent * bent);
      row.acrossU[x] = straight * cos - bent * sin;
      row.acrossV[x] = straight * sin + bent * cos;
      row.along[x] = w + lane * 251;
      row.across[x] = pu * cos + pv * sin - reach + lane * 61;
    }
  };
}

/** A faint line where two passes of the cutter meet. */
function darkenSeams(finish: Finish, row: MarkRow, from: number, to: number): void {
  for (let x = from; x < to; x++) {
    const along = row.along[x] ?? 0;
    const lane = Math.round(along / 251);
    const seam = Math.abs(along - lane * 251) - finish.pass * 0.5 + 1.2;
    if (seam > 0) row.tone[x] = (row.tone[x] ?? 1) * (1 - 0.12 * Math.min(1, seam));
  }
}
