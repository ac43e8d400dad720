import { describe, expect, test, vi } from 'vitest';
import { classNames, type DefectClass } from './defects/defect.ts';
import { bench, createFrame, topFace } from './draw/frame.ts';
import { createNoise } from './draw/noise.ts';
import { Renderer, visibleBox } from './render.ts';
import { drawScene, nextFrame, type Scene } from './scene.ts';

// Rendering is computing: a busy machine takes its time.
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const noise = createNoise(1);

/** Pixels of a picture that differ clearly from another one of the same size. */
function changed(a: Uint8Array, b: Uint8Array, width: number): { x: number; y: number }[] {
  const found: { x: number; y: number }[] = [];
  for (let at = 0; at * 3 < a.length; at++) {
    const difference = [0, 1, 2].reduce((sum, c) => sum + Math.abs((a[at * 3 + c] ?? 0) - (b[at * 3 + c] ?? 0)), 0);
    if (difference > 24) found.push({ x: at % width, y: Math.floor(at / width) });
  }
  return found;
}

/** The scene under plain optics, so that pictures differ by their defects alone. */
function plain(scene: Scene): Scene {
  const optics = { ...scene.optics, noise: 0, blur: 0.2, defocus: 0, glare: 0 };
  return { ...scene, optics, occluder: undefined, distractors: [] };
}

describe('boxes', () => {
  test.each(classNames)('a box of class %s is tight around what the picture shows', (kind: DefectClass) => {
    const renderer = new Renderer(noise);
    let checked = 0;
    for (let seed = 0; checked < 2 && seed < 40; seed++) {
      const scene = plain(drawScene(seed, [kind]));
      const [defect] = scene.defects;
      if (defect === undefined || defect.contrast < 0.7 || defect.size < 0.7 || scene.part.shaft.length > 0) continue;
      const picture = renderer.render(scene);
      const [seen] = picture.seen;
      if (seen === undefined) continue;
      checked += 1;
      const { pixels, width } = renderer.render({ ...scene, defects: [] });
      const pixelsChanged = changed(picture.pixels, pixels, width);
      const { left, top, right, bottom } = seen.box;
      const within = (x: number, y: number, grown: number): boolean =>
        x >= left - grown && x < right + grown && y >= top - grown && y < bottom + grown;
      const inside = pixelsChanged.filter(({ x, y }) => within(x, y, 0));
      // Hardly anything of the defect shows outside, and what shows inside reaches close to all four sides.
      expect(inside.length).toBeGreaterThan(20);
      const near = pixelsChanged.filter(({ x, y }) => within(x, y, 2));
      expect(near.length / pixelsChanged.length).toBeGreaterThan(0.93);
      const xs = inside.map(({ x }) => x);
      const ys = inside.map(({ y }) => y);
      const slackX = 3 + 0.15 * (right - left);
      const slackY = 3 + 0.15 * (bottom - top);
      expect(Math.min(...xs) - left).toBeLessThan(slackX);
      expect(right - Math.max(...xs)).toBeLessThan(slackX);
      expect(Math.min(...ys) - top).toBeLessThan(slackY);
      expect(bottom - Math.max(...ys)).toBeLessThan(slackY);
    }
    expect(checked).toBe(2);
  });

  test('a box holds the visible part of a defect only', () => {
    const frame = createFrame(20, 20);
    frame.zone.fill(topFace);
    frame.cover.fill(1);
    const patch = {
      box: { left: 4, top: 5, right: 14, bottom: 15 },
      mask: new Float32Array(100).fill(1),
      paint: () => {},
    };
    expect(visibleBox(frame, patch)).toEqual(patch.box);
    for (let y = 0; y < 20; y++) {
      frame.zone[y * 20 + 4] = bench;
      for (let x = 11; x < 20; x++) frame.overA[y * 20 + x] = 1;
    }
    expect(visibleBox(frame, patch)).toEqual({ left: 5, top: 5, right: 11, bottom: 15 });
    frame.overA.fill(1);
    expect(visibleBox(frame, patch)).toBeUndefined();
  });
});

describe('scenes', () => {
  test('a burst shows the same part and the same defects in nearly the same place', () => {
    const renderer = new Renderer(noise);
    const scene = drawScene(5, ['stain', 'scratch']);
    const next = nextFrame(scene, 99);
    const one = renderer.render(scene);
    const two = renderer.render(next);
    expect(two.seen.map((defect) => defect.kind)).toEqual(one.seen.map((defect) => defect.kind));
    expect(Buffer.compare(one.pixels, two.pixels)).not.toBe(0);
    one.seen.forEach((defect, i) => {
      const other = two.seen[i]?.box ?? defect.box;
      expect(Math.abs(other.left - defect.box.left)).toBeLessThan(40);
      expect(Math.abs(other.top - defect.box.top)).toBeLessThan(40);
    });
  });

  test('a picture does not depend on what was rendered before it', () => {
    const scene = drawScene(3, ['dent']);
    const fresh = new Renderer(noise).render(scene);
    const used = new Renderer(noise);
    for (const seed of [11, 12]) used.render(drawScene(seed, ['crack', 'stain']));
    const again = used.render(scene);
    expect(again.seen).toEqual(fresh.seen);
    expect(Buffer.compare(again.pixels, fresh.pixels)).toBe(0);
  });
});
