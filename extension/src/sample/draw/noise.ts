import { createRandom, type Random } from '../../core/random.ts';
import { gaussian } from './draws.ts';

/** A square, seamlessly repeating noise texture of zero mean and unit variance; `size` is a power of two. */
export interface Tile {
  readonly size: number;
  readonly data: Float32Array;
}

/** The textures that every surface is made of. Drawn once, sampled everywhere. */
export interface NoiseLibrary {
  /** Independent normal values: speckle and grain. */
  readonly white: Tile;
  /** Fractal value noise with features from the whole tile down to a pixel. */
  readonly cloud: Tile;
  /** Long thin lines along x, uncorrelated along y: the marks of a tool or a brush. */
  readonly streak: Tile;
}

/** Draws the three textures (512 px each) from one seed. */
export function createNoise(seed: number): NoiseLibrary {
  const random = createRandom(seed);
  return { white: whiteTile(random, 512), cloud: cloudTile(random, 512), streak: streakTile(random, 512) };
}

/** The tile's value at a point in its pixels, bilinear, repeating in both directions. */
export function sampleTile(tile: Tile, x: number, y: number): number {
  const { size, data } = tile;
  const mask = size - 1;
  const left = Math.floor(x);
  const top = Math.floor(y);
  const fx = x - left;
  const fy = y - top;
  const x0 = left & mask;
  const x1 = (left + 1) & mask;
  const row0 = (top & mask) * size;
  const row1 = ((top + 1) & mask) * size;
  const a = data[row0 + x0] ?? 0;
  const b = data[row0 + x1] ?? 0;
  const c = data[row1 + x0] ?? 0;
  const d = data[row1 + x1] ?? 0;
  const upper = a + (b - a) * fx;
  return upper + (c + (d - c) * fx - upper) * fy;
}

/** 3t² - 2t³ between two edges, 0 before the first and 1 after the second. */
export function smoothStep(edge0: number, edge1: number, x: number): number {
  const t = (x - edge0) / (edge1 - edge0);
  if (t <= 0) return 0;
  if (t >= 1) return 1;
  return t * t * (3 - 2 * t);
}

function whiteTile(random: Random, size: number): Tile {
  const data = new Float32Array(size * size);
  for (let i = 0; i < data.length; i++) data[i] = gaussian(random);
  return normalised(size, data);
}

function cloudTile(random: Random, size: number): Tile {
  const data = new Float32Array(size * size);
  let weight = 1;
  for (let cells = 4; cells <= size; cells *= 2) {
    addLattice(data, size, cells, weight, random);
    weight *= 0.56;
  }
  return normalised(size, data);
}

function addLattice(data: Float32Array, size: number, cells: number, weight: number, random: Random): void {
  const lattice = new Float32Array(cells * cells);
  for (let i = 0; i < lattice.length; i++) lattice[i] = random() * 2 - 1;
  const step = cells / size;
  for (let y = 0; y < size; y++) {
    const gy = Math.floor(y * step);
    const ty = smoothStep(0, 1, y * step - gy);
    const row0 = gy * cells;
    const row1 = ((gy + 1) % cells) * cells;
    for (let x = 0; x < size; x++) {
      const gx = Math.floor(x * step);
      const tx = smoothStep(0, 1, x * step - gx);
      const next = (gx + 1) % cells;
      const upper = (lattice[row0 + gx] ?? 0) * (1 - tx) + (lattice[row0 + next] ?? 0) * tx;
      const lower = (lattice[row1 + gx] ?? 0) * (1 - tx) + (lattice[row1 + next] ?? 0) * tx;
      const at = y * size + x;
      data[at] = (data[at] ?? 0) + weight * (upper * (1 - ty) + lower * ty);
    }
  }
}

function streakTile(random: Random, size: number): Tile {
  const data = new Float32Array(size * size);
  const row = new Float32Array(size);
  for (let y = 0; y < size; y++) {
    const whole = gaussian(random) * 0.5;
    for (const [length, weight] of [
      [17, 0.55],
      [75, 0.9],
      [201, 0.9],
    ] as const) {
      for (let x = 0; x < size; x++) row[x] = gaussian(random);
      let sum = 0;
      for (let x = 0; x < length; x++) sum += row[x] ?? 0;
      const scale = weight / Math.sqrt(length);
      for (let x = 0; x < size; x++) {
        const at = y * size + x;
        data[at] = (data[at] ?? whole) + sum * scale;
        sum += (row[(x + length) % size] ?? 0) - (row[x] ?? 0);
      }
    }
    for (let x = 0; x < size; x++) data[y * size + x] = (data[y * size + x] ?? 0) + whole;
  }
  return normalised(size, data);
}

function normalised(size: number, data: Float32Array): Tile {
  let sum = 0;
  let squares = 0;
  for (const value of data) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / data.length;
  const deviation = Math.sqrt(squares / data.length - mean * mean);
  for (let i = 0; i < data.length; i++) data[i] = ((data[i] ?? 0) - mean) / deviation;
  return { size, data };
}
