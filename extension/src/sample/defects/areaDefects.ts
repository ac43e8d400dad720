import type { Random } from '../../core/random.ts';
import type { Defect, Patch } from './defect.ts';
import { between, pickWeighted } from '../draw/draws.ts';
import { addCoat, raise, smear, tintMetal, type Frame, type Rgb } from '../draw/frame.ts';
import { sampleTile, smoothStep, type NoiseLibrary } from '../draw/noise.ts';
import { pixelsOfDisc, type View } from '../draw/view.ts';

/** A bowl with a raised lip. */
export function dent(frame: Frame, view: View, noise: NoiseLibrary, random: Random, defect: Defect): Patch {
  const radius = between(random, 23, 37) * (0.3 + 0.7 * defect.size);
  const stretch = between(random, 0.55, 1);
  const { angle } = defect;
  const steep = between(random, 0.7, 1.15) * defect.contrast;
  const depth = (steep * radius * stretch * view.scale) / 1.54;
  const offset = between(random, 0, 500);
  const skew = between(random, 0, 0.35);
  const uneven = between(random, 0.05, 0.13);
  const box = pixelsOfDisc(view, defect.u, defect.v, radius * 1.5, frame.width, frame.height);
  const columns = box.right - box.left;
  const mask = new Float32Array(Math.max(0, columns * (box.bottom - box.top)));
  const profile = new Float32Array(mask.length);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  let i = 0;
  for (let y = box.top; y < box.bottom; y++) {
    for (let at = y * frame.width + box.left, end = y * frame.width + box.right; at < end; at++, i++) {
      const du = (frame.u[at] ?? 0) - defect.u;
      const dv = (frame.v[at] ?? 0) - defect.v;
      const along = du * cos + dv * sin;
      const across = (dv * cos - du * sin) / stretch;
      const lumps = sampleTile(noise.cloud, offset + (du * 9) / radius, offset + (dv * 9) / radius);
      const rho = (Math.sqrt(along * along + across * across) / radius) * (1 + uneven * lumps);
      if (rho > 1.4) continue;
      // The blow came from one side: the bowl is steeper there.
      const inner = rho < 1 ? rho * (1 + skew * (1 - rho) * (along / radius)) : 1;
      const bowl = inner < 1 ? (1 - inner * inner) * (1 - inner * inner) : 0;
      const lip = Math.exp(-(rho - 1.05) * (rho - 1.05) * 80);
      profile[i] = 0.16 * lip - bowl;
      mask[i] = Math.max(0.01, smoothStep(1.2, 1, rho));
    }
  }
  const dirt = between(random, 0.2, 0.5);
  return {
    box,
    mask,
    paint: (at, index) => {
      const inside = mask[index] ?? 0;
      raise(frame, at, depth * (profile[index] ?? 0));
      smear(frame, at, 1 - 0.65 * inside, 0.25 * inside);
      const deep = 1 - dirt * Math.max(0, -(profile[index] ?? 0)) * defect.contrast;
      tintMetal(frame, at, deep, deep, deep);
    },
  };
}

/** Rust, oil, a dried drop of water, or temper colours. */
export function stain(frame: Frame, view: View, noise: NoiseLibrary, random: Random, defect: Defect): Patch {
  const kind = pickWeighted(random, [
    ['rust', 80],
    ['oil', 20],
    ['water', 4],
    ['heat', 4],
  ] as const);
  const radius = between(random, 28, 48) * (0.25 + 0.75 * defect.size);
  const stretch = between(random, 0.5, 1);
  const { angle } = defect;
  const offset = between(random, 0, 500);
  const ragged = kind === 'rust' ? between(random, 0.25, 0.42) : between(random, 0.12, 0.3);
  const box = pixelsOfDisc(view, defect.u, defect.v, radius * 1.9, frame.width, frame.height);
  const mask = new Float32Array(Math.max(0, (box.right - box.left) * (box.bottom - box.top)));
  const inside = new Float32Array(mask.length);
  const cos = Math.cos(angle);
  const sin = Math.sin(angle);
  let i = 0;
  for (let y = box.top; y < box.bottom; y++) {
    for (let at = y * frame.width + box.left, end = y * frame.width + box.right; at < end; at++, i++) {
      const du = (frame.u[at] ?? 0) - defect.u;
      const dv = (frame.v[at] ?? 0) - defect.v;
      const along = (du * cos + dv * sin) / radius;
      const across = (dv * cos - du * sin) / (radius * stretch);
      const rho = Math.sqrt(along * along + across * across);
      if (rho > 1.7) continue;
      const level =
        1 - rho + ragged * sampleTile(noise.cloud, offset + along * 46, offset + across * 46) * (1 - 0.35 * rho);
      inside[i] = level;
      mask[i] = smoothStep(0, kind === 'rust' ? 0.3 : 0.14, level);
    }
  }
  const strength = defect.contrast * between(random, 0.75, 1);
  const speckleAt = between(random, 0, 500);
  const rust: Rgb = [between(random, 0.17, 0.27), between(random, 0.058, 0.085), between(random, 0.012, 0.024)];
  return {
    box,
    mask,
    paint: (at, index) => {
      const amount = (mask[index] ?? 0) * strength;
      const level = inside[index] ?? 0;
      const x = speckleAt + (frame.u[at] ?? 0);
      const y = speckleAt + (frame.v[at] ?? 0);
      if (kind === 'rust') {
        const speckle = sampleTile(noise.cloud, x * 2.1, y * 2.1);
        const tone = Math.max(0.25, 1 + 0.42 * speckle);
        addCoat(
          frame,
          at,
          [rust[0] * tone, rust[1] * tone, rust[2] * tone],
          amount * Math.min(0.96, 0.78 + 0.2 * speckle + 0.3 * level),
        );
        smear(frame, at, 1 - 0.4 * amount, 0.5 * amount);
      } else if (kind === 'oil') {
        const pool = 0.42 - 0.12 * smoothStep(0, 0.5, level);
        tintMetal(frame, at, 1 - amount * (1 - pool), 1 - amount * (1 - pool * 0.87), 1 - amount * (1 - pool * 0.6));
        smear(frame, at, 1 - 0.72 * amount, 0);
        raise(frame, at, 1.6 * amount * smoothStep(0, 0.25, level));
      } else if (kind === 'water') {
        const rim = Math.exp(-(level - 0.09) * (level - 0.09) * 260);
        const dull = 1 - amount * (0.16 + 0.42 * rim);
        tintMetal(frame, at, dull, dull * (1 - 0.04 * amount), dull * (1 - 0.12 * amount));
        smear(frame, at, 1, 0.35 * amount);
      } else {
        // Temper colours from the outside in: straw, brown, purple, blue.
        const heat = Math.min(1, Math.max(0, level * 1.3));
        const r = 1 - amount * (0.08 + 0.62 * smoothStep(0.35, 0.85, heat));
        const g = 1 - amount * (0.2 + 0.45 * smoothStep(0.15, 0.5, heat) - 0.1 * smoothStep(0.7, 1, heat));
        const b = 1 - amount * (0.62 - 0.5 * smoothStep(0.35, 0.75, heat));
        tintMetal(frame, at, r, g, b);
      }
    },
  };
}
