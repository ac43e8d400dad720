import { createRandom } from '../../core/random.ts';
import { dent, stain } from './areaDefects.ts';
import type { Defect, Patch } from './defect.ts';
import { topFace, type Frame } from '../draw/frame.ts';
import { crack, scratch } from './lineDefects.ts';
import type { NoiseLibrary } from '../draw/noise.ts';
import type { View } from '../draw/view.ts';

/** Prepares a defect for a frame and view without touching the frame. */
export function prepareDefect(frame: Frame, view: View, noise: NoiseLibrary, defect: Defect): Patch {
  const random = createRandom(defect.seed);
  if (defect.kind === 'scratch') return scratch(frame, view, random, defect);
  if (defect.kind === 'dent') return dent(frame, view, noise, random, defect);
  if (defect.kind === 'stain') return stain(frame, view, noise, random, defect);
  return crack(frame, view, random, defect);
}

/** Puts a prepared defect onto the worked face. */
export function applyPatch(frame: Frame, patch: Patch): void {
  const { box, mask } = patch;
  let index = 0;
  for (let y = box.top; y < box.bottom; y++) {
    for (let at = y * frame.width + box.left, end = y * frame.width + box.right; at < end; at++, index++) {
      if ((mask[index] ?? 0) > 0.002 && frame.zone[at] === topFace) patch.paint(at, index);
    }
  }
}
