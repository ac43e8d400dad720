import { paintBench } from './camera/background.ts';
import type { DefectClass, Patch } from './defects/defect.ts';
import { applyPatch, prepareDefect } from './defects/defects.ts';
import { layDistractor } from './defects/distractors.ts';
import { createFrame, resetFrame, topFace, type Frame } from './draw/frame.ts';
import { lightPart } from './camera/lighting.ts';
import type { NoiseLibrary } from './draw/noise.ts';
import { layOccluder } from './camera/occluders.ts';
import { develop } from './camera/optics.ts';
import type { Scene } from './scene.ts';
import { layPart } from './part/surface.ts';
import type { PixelBox } from './draw/view.ts';

/** The box around what can be seen of a defect. */
export interface SeenDefect {
  readonly kind: DefectClass;
  readonly box: PixelBox;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  /** Interleaved RGB, 8 bits each. */
  readonly pixels: Uint8Array;
  readonly seen: readonly SeenDefect[];
}

/** A defect's pixel counts as visible from this much of its full strength. */
const visibleFrom = 0.2;
/** A defect of which less than this share is visible is left out of the picture altogether. */
const leastShare = 0.4;
/** Least side of a box in pixels. */
const leastSide = 4;

/** Renders scenes one after the other into frames that it keeps. */
export class Renderer {
  private readonly noise: NoiseLibrary;
  private readonly frames = new Map<string, Frame>();

  constructor(noise: NoiseLibrary) {
    this.noise = noise;
  }

  /** The picture of a scene and the boxes of its visible defects, in the scene's order. */
  render(scene: Scene): Picture {
    const { width, height, part, view, lighting } = scene;
    const frame = this.frameOf(width, height);
    const { noise } = this;
    resetFrame(frame, view);
    layPart(frame, part, view, noise, lighting.towards);
    const textAngle = part.shaft.length > 0 ? 0 : Math.round(scene.lighting.roomSeed % 4) * (Math.PI / 2);
    for (const item of scene.distractors) layDistractor(frame, view, noise, item, textAngle, lighting.towards);
    if (scene.occluder !== undefined) layOccluder(frame, noise, lighting, scene.occluder);
    const seen: SeenDefect[] = [];
    for (const defect of scene.defects) {
      const patch = prepareDefect(frame, view, noise, defect);
      const box = visibleBox(frame, patch);
      if (box === undefined) continue;
      applyPatch(frame, patch);
      seen.push({ kind: defect.kind, box });
    }
    const lift = part.shaft.length > 0 ? 46 * view.scale : part.thickness * view.scale;
    paintBench(frame, scene.bench, lighting, view, noise, lift);
    shadeBench(frame);
    lightPart(frame, lighting);
    layOver(frame);
    return { width, height, pixels: develop(frame, scene.optics), seen };
  }

  private frameOf(width: number, height: number): Frame {
    const key = `${width}x${height}`;
    const frame = this.frames.get(key) ?? createFrame(width, height);
    this.frames.set(key, frame);
    return frame;
  }
}

/** The box around the pixels where a defect shows; undefined where too little of it does. */
export function visibleBox(frame: Frame, patch: Patch): PixelBox | undefined {
  const { box, mask } = patch;
  let whole = 0;
  let visible = 0;
  let left = Infinity;
  let top = Infinity;
  let right = -1;
  let bottom = -1;
  let index = 0;
  for (let y = box.top; y < box.bottom; y++) {
    for (let x = box.left, at = y * frame.width + x; x < box.right; x++, at++, index++) {
      if ((mask[index] ?? 0) < visibleFrom) continue;
      whole += 1;
      if (frame.zone[at] !== topFace || (frame.cover[at] ?? 0) < 0.5 || (frame.overA[at] ?? 0) > 0.6) continue;
      visible += 1;
      left = Math.min(left, x);
      right = Math.max(right, x + 1);
      top = Math.min(top, y);
      bottom = Math.max(bottom, y + 1);
    }
  }
  if (visible === 0 || visible < whole * leastShare) return undefined;
  if (right - left < leastSide || bottom - top < leastSide) return undefined;
  return { left, top, right, bottom };
}

/** The occluder's shadow falls on the bench too. */
function shadeBench(frame: Frame): void {
  const { cover, shade, r, g, b } = frame;
  for (let at = 0; at < cover.length; at++) {
    if ((cover[at] ?? 0) >= 1) continue;
    const light = shade[at] ?? 1;
    r[at] = (r[at] ?? 0) * light;
    g[at] = (g[at] ?? 0) * light;
    b[at] = (b[at] ?? 0) * light;
  }
}

function layOver(frame: Frame): void {
  const { overA, overR, overG, overB, r, g, b } = frame;
  for (let at = 0; at < overA.length; at++) {
    const alpha = overA[at] ?? 0;
    if (alpha === 0) continue;
    r[at] = (r[at] ?? 0) * (1 - alpha) + (overR[at] ?? 0) * alpha;
    g[at] = (g[at] ?? 0) * (1 - alpha) + (overG[at] ?? 0) * alpha;
    b[at] = (b[at] ?? 0) * (1 - alpha) + (overB[at] ?? 0) * alpha;
  }
}
