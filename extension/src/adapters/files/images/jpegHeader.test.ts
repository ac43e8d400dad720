import * as fc from 'fast-check';
import sharp, { type Sharp } from 'sharp';
import { describe, expect, it, vi } from 'vitest';
import { decodeRgbBytes } from './decodeImage.ts';
import { isPlainJpeg } from './jpegHeader.ts';
import { gradient, picture } from '../testing/datasets.ts';

const grey = (): Sharp => picture(40, 30).toColourspace('b-w');
const cmyk = (): Sharp => picture(40, 30).toColourspace('cmyk');
const plain: Readonly<Record<string, () => Promise<Buffer>>> = {
  baseline: () => picture(40, 30).jpeg().toBuffer(),
  progressive: () => picture(40, 30).jpeg({ progressive: true }).toBuffer(),
  grey: () => grey().jpeg().toBuffer(),
  turned: () => picture(40, 30).withMetadata({ orientation: 6 }).jpeg().toBuffer(),
  'with a colour profile': () => picture(40, 30).withIccProfile('p3').jpeg().toBuffer(),
};

const blank = { width: 1, height: 1, channels: 3, background: 'black' } as const;

describe('isPlainJpeg', () => {
  it.each(Object.entries(plain))('recognises one that is %s', async (_, encode) => {
    expect(isPlainJpeg(await encode())).toBe(true);
  });

  it('leaves CMYK and other formats to the decoder', async () => {
    expect(isPlainJpeg(await cmyk().jpeg().toBuffer())).toBe(false);
    expect(isPlainJpeg(await picture().png().toBuffer())).toBe(false);
  });

  it('ignores the frame header of a thumbnail in the application data', async () => {
    const thumbnail = await picture(8, 8).jpeg().toBuffer();
    const whole = await cmyk().jpeg().toBuffer();
    const segment = Buffer.from([0xff, 0xe1, (thumbnail.length + 2) >> 8, (thumbnail.length + 2) & 255]);
    const file = Buffer.concat([whole.subarray(0, 2), segment, thumbnail, whole.subarray(2)]);
    expect((await sharp(file).metadata()).space).toBe('cmyk');
    expect(isPlainJpeg(file)).toBe(false);
  });

  it('rejects 12 bits, truncated files, and damage before the frame', async () => {
    const file = await picture(40, 30).jpeg().toBuffer();
    const frame = file.indexOf(Buffer.from([0xff, 0xc0]));
    expect(isPlainJpeg(file.subarray(0, frame + 5))).toBe(false);
    const deep = Buffer.from(file);
    deep[frame + 4] = 12;
    expect(isPlainJpeg(deep)).toBe(false);
    const damaged = Buffer.from(file);
    damaged[frame] = 0;
    expect(isPlainJpeg(damaged)).toBe(false);
  });

  it('terminates on any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(typeof isPlainJpeg(Uint8Array.from([0xff, 0xd8, ...bytes]))).toBe('boolean');
      }),
    );
  });
});

describe('the pixels of a plain JPEG', () => {
  it('are read without a separate read of the metadata', async () => {
    const ask = vi.spyOn(Object.getPrototypeOf(sharp({ create: blank })) as Sharp, 'metadata');
    await decodeRgbBytes(await picture().jpeg().toBuffer(), '/d/a.jpg');
    expect(ask).not.toHaveBeenCalled();
    await decodeRgbBytes(await picture().png().toBuffer(), '/d/a.png');
    expect(ask).toHaveBeenCalledTimes(1);
    ask.mockRestore();
  });

  it.each(Object.entries(plain))('are the same as with the metadata (%s)', async (_, encode) => {
    const file = await encode();
    const { data, info } = await sharp(file, { ignoreIcc: true })
      .autoOrient()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true });
    const read = await decodeRgbBytes(file, '/d/a.jpg');
    expect([read.width, read.height]).toEqual([info.width, info.height]);
    expect(Buffer.compare(read.data, data)).toBe(0);
    expect(data.length).toBe(gradient(40, 30).length);
  });
});
