import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planLetterbox, type LetterboxMode } from '../../../core/detection/letterbox.ts';
import { createRandom } from '../../../core/random.ts';
import { createPlainResampler } from './createResampler.ts';
import { resampleInto, type Placement, type RgbImage } from './resample.ts';
import { createSimdResampler } from './simdResampler.ts';

// All tests share the resamplers: leftovers of one image in memory must not affect the next.
const resamplers = { simd: createSimdResampler(), plain: createPlainResampler() };
const modes: readonly LetterboxMode[] = ['rectangle', 'square', 'stretch'];
const length = fc.oneof(fc.integer({ min: 1, max: 130 }), fc.constantFrom(1, 2, 3, 4, 5, 31, 32, 33, 61, 64, 127, 128));

/** Random bytes, many of them 0 or 255, where sums are extreme. Repeats a short sequence, since photos are large. */
function noise(width: number, height: number, seed = 1): RgbImage {
  const random = createRandom(seed);
  const data = new Uint8Array(3 * width * height);
  const bytes = Uint8Array.from({ length: Math.min(data.length, 65_521) }, () =>
    Math.min(Math.max((random() * 1.5 - 0.25) * 256, 0), 255),
  );
  for (let at = 0; at < data.length; at += bytes.length) data.set(bytes.subarray(0, data.length - at), at);
  return { data, width, height };
}

/** The resamplers whose result differs from `resampleInto` in any bit. `toEqual` would take minutes for a photo. */
function differing(image: RgbImage, placement: Placement): readonly string[] {
  const expected = new Float32Array(3 * placement.width * placement.height).fill(Number.NaN);
  resampleInto(image, placement, expected);
  return Object.entries(resamplers)
    .filter(([, resampler]) => {
      const actual = resampler?.resample(image, placement) ?? new Float32Array(0);
      const bytes = Buffer.from(actual.buffer, actual.byteOffset, actual.byteLength);
      return !bytes.equals(Buffer.from(expected.buffer));
    })
    .map(([name]) => name);
}

describe('resamplers give identical results with and without vector instructions', () => {
  it('in any letterbox', () => {
    const size = fc.integer({ min: 1, max: 200 });
    fc.assert(
      fc.property(
        fc.tuple(length, length, size),
        fc.constantFrom(1, 8, 32),
        fc.constantFrom(...modes),
        fc.integer(),
        ([width, height, imageSize], stride, mode, seed) => {
          const letterbox = planLetterbox(width, height, imageSize, { stride, mode });
          expect(differing(noise(width, height, seed), letterbox)).toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it('at any place', () => {
    const padding = fc.integer({ min: 0, max: 9 });
    fc.assert(
      fc.property(
        fc.tuple(length, length, length, length),
        fc.tuple(padding, padding, padding, padding),
        fc.boolean(),
        ([imageWidth, imageHeight, toWidth, toHeight], [left, top, right, bottom], keep) => {
          const [resizedWidth, resizedHeight] = keep ? [imageWidth, imageHeight] : [toWidth, toHeight];
          const [width, height] = [left + resizedWidth + right, top + resizedHeight + bottom];
          const placement = { width, height, resizedWidth, resizedHeight, left, top };
          expect(differing(noise(imageWidth, imageHeight), placement)).toEqual([]);
        },
      ),
      { numRuns: 400 },
    );
  });

  it.each([
    [4000, 3000],
    [3000, 4000],
    [500, 375],
    [640, 640],
    [640, 427],
    [1280, 960],
    [1920, 1080],
    [1, 4000],
    [4000, 1],
  ])('of %i × %i pixels', (width, height) => {
    const image = noise(width, height);
    const wrong = modes.map((mode) => differing(image, planLetterbox(width, height, 640, { mode })));
    expect(wrong).toEqual([[], [], []]);
  });

  it('of every level', () => {
    const [width, height] = [16, 16];
    const placement = { width, height, resizedWidth: width, resizedHeight: height, left: 0, top: 0 };
    const levels = { data: Uint8Array.from({ length: 3 * 256 }, (_, i) => i / 3), width, height };
    const unit = Float32Array.from({ length: 3 * 256 }, (_, i) => (i % 256) / 255);
    for (const resampler of Object.values(resamplers)) {
      expect(resampler?.resample(levels, placement)).toEqual(unit);
      for (let level = 0; level < 256; level++) {
        const flat = { data: new Uint8Array(3 * 16).fill(level), width: 4, height: 4 };
        expect(resampler?.resample(flat, placement)).toEqual(new Float32Array(3 * 256).fill(level / 255));
      }
    }
  });
});
