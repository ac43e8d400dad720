import sharp, { type Sharp } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeRgbBytes } from './decodeImage.ts';
import { endedForms, isEndedJpeg } from './jpegEnd.ts';
import { gradient, picture } from '../testing/datasets.ts';

/** Noise, so that no block ends before its last coefficient. */
function noise(seed: number, width = 120, height = 90): Sharp {
  let state = seed * 2654435761 + 1;
  const data = Buffer.from(gradient(width, height));
  for (let i = 0; i < data.length; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    data[i] = ((data[i] ?? 0) + (state >>> 26)) & 255;
  }
  return sharp(data, { raw: { width, height, channels: 3 } });
}

const kinds: Readonly<Record<string, (seed: number) => Promise<Buffer>>> = {
  baseline: (seed) => noise(seed).jpeg().toBuffer(),
  'high quality': (seed) => noise(seed).jpeg({ quality: 100, chromaSubsampling: '4:4:4' }).toBuffer(),
  progressive: (seed) => noise(seed).jpeg({ progressive: true }).toBuffer(),
  'without subsampling': (seed) => noise(seed).jpeg({ chromaSubsampling: '4:4:4' }).toBuffer(),
  grey: (seed) => noise(seed).toColourspace('b-w').jpeg().toBuffer(),
  cmyk: (seed) => noise(seed).toColourspace('cmyk').jpeg().toBuffer(),
};
const verdict = (bytes: Uint8Array): Promise<string> =>
  decodeRgbBytes(bytes, '/d/a.jpg').then(
    () => 'whole',
    (error: { code: string; message: string }) => `${error.code}: ${error.message}`,
  );
const cutShort = 'truncated: The image /d/a.jpg is truncated: the file ends before the picture does.';

describe.each(Object.entries(kinds))('a JPEG without its end marker (%s)', (_, encode) => {
  it('is complete if it has the pixels of the complete file', async () => {
    for (let seed = 0; seed < 8; seed++) {
      const file = await encode(seed);
      const reference = await decodeRgbBytes(file, '/d/a.jpg');
      for (const unended of [file.subarray(0, -2), file.subarray(0, -1), zeroPadded(file.subarray(0, -2))]) {
        expect(isEndedJpeg(unended)).toBe(false);
        expect(Buffer.compare((await decodeRgbBytes(unended, '/d/a.jpg')).data, reference.data)).toBe(0);
      }
    }
  });

  it('is truncated as soon as a pixel is missing', async () => {
    const file = await encode(1);
    for (const share of [0.3, 0.6, 0.9, 0.97]) {
      const part = file.subarray(0, Math.floor(file.length * share));
      expect(await verdict(part)).toBe(cutShort);
      expect(await verdict(zeroPadded(part))).toBe(cutShort);
    }
    expect(await verdict(file.subarray(0, -8))).toBe(cutShort);
  });
});

describe('the end of a JPEG', () => {
  it('is found before trailing bytes, and not in a thumbnail', async () => {
    const file = await picture(64, 48).jpeg().toBuffer();
    expect(isEndedJpeg(Buffer.concat([file, Buffer.from('trailer')]))).toBe(true);
    const thumbnail = await picture(8, 8).jpeg().toBuffer();
    const segment = Buffer.from([0xff, 0xe1, (thumbnail.length + 2) >> 8, (thumbnail.length + 2) & 255]);
    const withThumbnail = Buffer.concat([file.subarray(0, 2), segment, thumbnail, file.subarray(2)]);
    expect(isEndedJpeg(withThumbnail.subarray(0, -2))).toBe(false);
    expect(await verdict(withThumbnail.subarray(0, -2))).toBe('whole');
  });

  it('does not hide a missing scan', async () => {
    const file = (await kinds['progressive']?.(3)) ?? Buffer.alloc(0);
    const scans = [...file.keys()].filter((at) => file[at] === 0xff && file[at + 1] === 0xda);
    const last = scans.at(-1) ?? 0;
    // Cut before the tables of the last scan, where the previous scan ends.
    const before = file.lastIndexOf(Buffer.from([0xff, 0xc4]), last);
    expect(before).toBeGreaterThan(scans.at(-2) ?? 0);
    expect(endedForms(file.subarray(0, before))).toEqual([]);
    expect(await verdict(file.subarray(0, before))).toBe(cutShort);
  });

  it('gives the same result while other images are being decoded', { timeout: 120_000 }, async () => {
    const files = await Promise.all(
      Array.from({ length: 60 }, async (_, seed) => {
        const file = await noise(seed, 64 + seed, 48)
          .jpeg({ progressive: seed % 2 === 1 })
          .toBuffer();
        if (seed % 10 === 0) return file.subarray(0, Math.floor(file.length * 0.7));
        if (seed % 10 === 5) return damagedPng(await noise(seed).png().toBuffer());
        return file.subarray(0, -2);
      }),
    );
    const alone: string[] = [];
    for (const file of files) alone.push(await verdict(file));
    expect(alone.filter((text) => text === 'whole')).toHaveLength(48);
    for (let round = 0; round < 12; round++) expect(await Promise.all(files.map(verdict))).toEqual(alone);
  });
});

function zeroPadded(bytes: Uint8Array): Buffer {
  return Buffer.concat([bytes, Buffer.alloc(1000)]);
}

function damagedPng(bytes: Buffer): Buffer {
  return bytes.fill(0xaa, 60, 90);
}
