import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { planLetterbox } from '../../../core/detection/letterbox.ts';
import { createRandom } from '../../../core/random.ts';
import { python, testFolder } from '../testing/testBed.ts';
import { resampleInto, type RgbImage } from './resample.ts';

const folder = testFolder();

/** An image of random bytes: the hardest case for a resampler, since any wrong weight changes the result. */
function noise(width: number, height: number): RgbImage {
  const random = createRandom(width * 10_000 + height);
  return { data: Uint8Array.from({ length: width * height * 3 }, () => Math.floor(random() * 256)), width, height };
}

/** Resized without padding, as interleaved bytes. */
function resize(image: RgbImage, width: number, height: number): Uint8Array {
  const tensor = new Float32Array(3 * width * height);
  resampleInto(image, { width, height, resizedWidth: width, resizedHeight: height, left: 0, top: 0 }, tensor);
  const plane = width * height;
  return Uint8Array.from({ length: 3 * plane }, (_, i) =>
    Math.round((tensor[(i % 3) * plane + Math.floor(i / 3)] ?? 0) * 255),
  );
}

function digest(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, 16);
}

const sizes = [
  [7, 5, 4, 3],
  [4, 3, 7, 5],
  [1, 1, 32, 32],
  [1, 50, 13, 640],
  [3, 400, 2, 320],
  [640, 480, 320, 240],
  [500, 333, 320, 213],
  [300, 200, 640, 427],
  [96, 64, 96, 64],
] as const;

describe('resampleInto', () => {
  // Pins the results on machines without Python; the next test compares them with cv2.
  it('gives the pinned results', () => {
    expect([...resize(noise(4, 3), 2, 2)]).toStrictEqual([118, 195, 118, 145, 58, 80, 88, 195, 136, 82, 144, 118]);
    expect(digest(resize(noise(500, 333), 320, 213))).toBe('2ab8a16f5604b701');
    expect(digest(resize(noise(300, 200), 640, 427))).toBe('966cf40fd9f4fe89');
  });

  // Needs cv2 of the trainer's environment.
  describe.skipIf(!existsSync(python))('against cv2.resize(…, INTER_LINEAR)', () => {
    it('gives the same grey levels', () => {
      for (const [index, [width, height, toWidth, toHeight]] of sizes.entries()) {
        const image = noise(width, height);
        writeFileSync(join(folder, `${index}.in`), image.data);
        writeFileSync(join(folder, `${index}.out`), resize(image, toWidth, toHeight));
      }
      const script = `
import json, sys, cv2, numpy
folder, sizes = sys.argv[1], json.loads(sys.argv[2])
for i, (w, h, to_w, to_h) in enumerate(sizes):
    before = numpy.fromfile(f"{folder}/{i}.in", numpy.uint8).reshape(h, w, 3)
    ours = numpy.fromfile(f"{folder}/{i}.out", numpy.uint8).reshape(to_h, to_w, 3)
    theirs = cv2.resize(before, (to_w, to_h), interpolation=cv2.INTER_LINEAR)
    print(int(abs(ours.astype(int) - theirs.astype(int)).max()))
`;
      const printed = execFileSync(python, ['-c', script, folder, JSON.stringify(sizes)], { encoding: 'utf8' });
      const differences = printed.trim().split(/\s+/).map(Number);
      expect(differences).toHaveLength(sizes.length);
      // Some builds of OpenCV have vector code that rounds differently by one grey level.
      expect(Math.max(...differences)).toBeLessThanOrEqual(1);
    });
  });

  it('surrounds the image with grey 114 and orders the planes red, green, blue', () => {
    const image = { data: Uint8Array.from([255, 0, 51]), width: 1, height: 1 };
    const tensor = new Float32Array(3 * 4 * 3 + 1).fill(9);
    resampleInto(image, { width: 4, height: 3, resizedWidth: 1, resizedHeight: 1, left: 2, top: 1 }, tensor);
    const padding = Math.fround(114 / 255);
    const plane = (value: number): number[] => Array.from({ length: 12 }, (_, i) => (i === 6 ? value : padding));
    expect([...tensor]).toStrictEqual([...plane(1), ...plane(0), ...plane(Math.fround(0.2)), 9]);
  });

  it('fills the whole letterbox', () => {
    const image = noise(37, 91);
    const letterbox = planLetterbox(image.width, image.height, 64, { stride: 32, mode: 'square' });
    const tensor = new Float32Array(3 * letterbox.width * letterbox.height).fill(9);
    resampleInto(image, letterbox, tensor);
    expect(tensor.every((value) => value >= 0 && value <= 1)).toBe(true);
  });
});
