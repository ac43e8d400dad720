import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import sharp, { type Create, type Sharp, type TiffOptions } from 'sharp';
import { describe, expect, it } from 'vitest';
import { decodeRgb, decodeRgbBytes } from './decodeImage.ts';
import { bmp, cmykTiff, gradient, picture, putFiles, temporaryFolder } from '../testing/datasets.ts';

const decode = async (bytes: Uint8Array): Promise<number[]> => [...(await decodeRgbBytes(bytes, '/d/a.img')).data];
const size = async (bytes: Uint8Array): Promise<[number, number]> => {
  const { data, width, height } = await decodeRgbBytes(bytes, '/d/a.img');
  expect(data.length).toBe(width * height * 3);
  return [width, height];
};
const flat = (color: object, width = 12, height = 10): Sharp =>
  sharp({ create: { width, height, channels: 3, background: color } as Create });

describe('decodeRgbBytes', () => {
  it('returns the exact pixels of lossless files', async () => {
    const pixels = [...gradient(16, 12)];
    expect(await decode(await picture().png().toBuffer())).toEqual(pixels);
    expect(await decode(await picture().webp({ lossless: true }).toBuffer())).toEqual(pixels);
    expect(await decode(await picture().tiff({ compression: 'lzw' }).toBuffer())).toEqual(pixels);
    expect(await size(await picture().jpeg().toBuffer())).toEqual([16, 12]);
    expect(await size(await picture().avif().toBuffer())).toEqual([16, 12]);
  });

  it('drops alpha instead of blending it', async () => {
    const rgba = await picture().ensureAlpha(0.25).png().toBuffer();
    expect(await decode(rgba)).toEqual([...gradient(16, 12)]);
  });

  it('copies gray to three channels', async () => {
    const gray = await sharp(Buffer.from([0, 100, 200, 255]), { raw: { width: 2, height: 2, channels: 1 } })
      .toColourspace('b-w')
      .png()
      .toBuffer();
    expect(await decode(gray)).toEqual([0, 0, 0, 100, 100, 100, 200, 200, 200, 255, 255, 255]);
  });

  it('keeps the high byte of 16 bits', async () => {
    const values = Uint16Array.from([0, 255, 256, 0x1234, 0xfeff, 0xffff]);
    const deep = await sharp(values, { raw: { width: 2, height: 1, channels: 3 } })
      .toColourspace('rgb16')
      .png()
      .toBuffer();
    expect((await sharp(deep).metadata()).depth).toBe('ushort');
    expect(await decode(deep)).toEqual([0, 0, 1, 0x12, 0xfe, 0xff]);
  });

  it('converts CMYK by the formula of OpenCV, not by a colour profile', async () => {
    // OpenCV computes k' - ((255 - c') * k' >> 8) with c' = 255 - c and k' = 255 - k.
    const file = cmykTiff(2, 1, [200, 100, 0, 50, 255, 0, 0, 0]);
    const paper = [205 - ((200 * 205) >> 8), 205 - ((100 * 205) >> 8), 205];
    expect(await decode(file)).toEqual([...paper, 255 - ((255 * 255) >> 8), 255, 255]);
    const jpeg = await flat({ r: 255, g: 0, b: 0 }).toColourspace('cmyk').jpeg({ quality: 100 }).toBuffer();
    expect((await sharp(jpeg).metadata()).space).toBe('cmyk');
    expect(await size(jpeg)).toEqual([12, 10]);
  });

  it('ignores colour profiles', async () => {
    const plain = await flat({ r: 200, g: 30, b: 60 }).png().toBuffer();
    const wide = await flat({ r: 200, g: 30, b: 60 }).withIccProfile('p3').png().toBuffer();
    const stored = await sharp(wide, { ignoreIcc: true }).raw().toBuffer();
    expect([...stored.subarray(0, 3)]).not.toEqual([200, 30, 60]);
    expect((await decode(wide)).slice(0, 3)).toEqual([...stored.subarray(0, 3)]);
    expect((await decode(plain)).slice(0, 3)).toEqual([200, 30, 60]);
  });

  it.each([1, 2, 3, 4, 5, 6, 7, 8])('applies EXIF orientation %i', async (orientation) => {
    const turned = await picture().withMetadata({ orientation }).png().toBuffer();
    const upright = await decodeRgbBytes(turned, '/d/a.png');
    expect([upright.width, upright.height]).toEqual(orientation >= 5 ? [12, 16] : [16, 12]);
    const reference = await sharp(turned).autoOrient().raw().toBuffer();
    expect([...upright.data]).toEqual([...reference]);
    expect([...upright.data].join(',') === [...gradient(16, 12)].join(',')).toBe(orientation === 1);
  });

  it('detects the format by content, not by extension', async () => {
    const folder = temporaryFolder();
    putFiles(folder, { 'a.jpg': await picture().png().toBuffer() });
    expect(await decodeRgb(join(folder, 'a.jpg'))).toMatchObject({ width: 16, height: 12 });
  });

  it('reads a single pixel', async () => {
    expect(await decode(await flat({ r: 1, g: 2, b: 3 }, 1, 1).png().toBuffer())).toEqual([1, 2, 3]);
  });
});

describe('pixels', () => {
  it('are returned as sharp created them: in the WebAssembly build, a view would outlive its memory', async () => {
    for (const bytes of [await picture().png().toBuffer(), await picture().jpeg().toBuffer()]) {
      expect(Buffer.isBuffer((await decodeRgbBytes(bytes, '/d/a.img')).data)).toBe(true);
    }
  });

  it('of a TIFF with alpha are blended with black', async () => {
    const pixels = await decode(await alphaTiff());
    const colours = gradient(16, 12);
    expect(pixels).toEqual(pixels.map((_, at) => Math.floor(((colours[at] ?? 0) * Math.floor(at / 3) + 127) / 255)));
  });

  it('of a TIFF in another colour space are rejected', async () => {
    const lab = await picture().toColourspace('lab').tiff({ compression: 'none' }).toBuffer();
    await expect(decode(lab)).rejects.toMatchObject({ code: 'unsupported-format', message: /photometric/ });
  });
});

describe('damaged files', () => {
  const encoders = {
    jpeg: () => picture(64, 48).jpeg().toBuffer(),
    progressive: () => picture(64, 48).jpeg({ progressive: true }).toBuffer(),
    png: () => picture(64, 48).png({ compressionLevel: 0 }).toBuffer(),
    webp: () => picture(64, 48).webp().toBuffer(),
    avif: () => picture(64, 48).avif().toBuffer(),
    bmp: async () =>
      bmp(2, 24, [
        [1, 2, 3, 4, 5, 6],
        [7, 8, 9, 10, 11, 12],
      ]),
  };

  it.each(Object.entries(encoders))('reports a truncated %s', async (_, encode) => {
    const whole = await encode();
    const half = whole.subarray(0, Math.max(64, Math.floor(whole.length * 0.6)));
    await expect(decodeRgbBytes(half, '/d/x.img')).rejects.toMatchObject({
      code: 'truncated',
      where: '/d/x.img',
      message: expect.stringContaining('/d/x.img is truncated'),
      hint: expect.stringContaining('Copy the file again'),
    });
    await expect(decodeRgbBytes(whole.subarray(0, 30), '/d/x.img')).rejects.toMatchObject({
      code: expect.stringMatching(/truncated|broken/),
    });
  });

  it('reports a truncated TIFF', async () => {
    const whole = await picture(64, 48).tiff({ compression: 'none' }).toBuffer();
    await expect(decodeRgbBytes(whole.subarray(0, whole.length / 2), '/d/x.tif')).rejects.toMatchObject({
      code: expect.stringMatching(/truncated|broken/),
    });
  });

  it('reads a JPEG that lacks only its end marker, and one with bytes after it', async () => {
    const whole = await picture(64, 48).jpeg().toBuffer();
    const reference = await decode(whole);
    expect(await decode(whole.subarray(0, -2))).toEqual(reference);
    expect(await decode(Buffer.concat([whole, Buffer.alloc(7)]))).toEqual(reference);
  });

  it('reports empty files, missing files, and files that are not images', async () => {
    const folder = temporaryFolder();
    putFiles(folder, { 'empty.jpg': '', 'text.jpg': 'hello', 'page.png': '<svg xmlns="http://www.w3.org/2000/svg"/>' });
    const path = (name: string): string => join(folder, name);
    await expect(decodeRgb(path('empty.jpg'))).rejects.toMatchObject({
      code: 'empty',
      message: `The image ${path('empty.jpg')} is empty (zero bytes).`,
    });
    await expect(decodeRgb(path('none.jpg'))).rejects.toMatchObject({ code: 'missing', where: path('none.jpg') });
    await expect(decodeRgb(folder)).rejects.toMatchObject({ code: 'unreadable-file', message: /EISDIR/ });
    await expect(decodeRgb(path('text.jpg'))).rejects.toMatchObject({
      code: 'unsupported-format',
      hint: /PNG or JPEG/,
    });
    await expect(decodeRgb(path('page.png'))).rejects.toMatchObject({ code: 'unsupported-format' });
  });

  it('reports images that Ultralytics skips although their pixels decode', async () => {
    const png = await picture(64, 48).png().toBuffer();
    const end = png.lastIndexOf('IEND');
    for (const change of ['IENX', 'I\0ND']) {
      const damaged = Buffer.from(png);
      damaged.write(change, end, 'latin1');
      await expect(decodeRgbBytes(damaged, '/d/x.png')).rejects.toMatchObject({
        code: expect.stringMatching(/broken|truncated/),
        where: '/d/x.png',
      });
    }
    await expect(decodeRgbBytes(png.subarray(0, end), '/d/x.png')).rejects.toMatchObject({ code: 'truncated' });
    // The checksum of IEND covers no data, and bytes after it do not belong to the image.
    const checksum = Buffer.concat([png.subarray(0, end + 4), Buffer.from('nonsense')]);
    expect(await size(checksum)).toEqual([64, 48]);
    const text = Buffer.from(png);
    text.writeUInt8(text.readUInt8(end - 6) ^ 1, end - 6);
    await expect(decodeRgbBytes(text, '/d/x.png')).rejects.toMatchObject({
      code: 'broken',
      message: expect.stringMatching(/x\.png is damaged: the checksum of its IDAT chunk at byte \d+ is wrong/),
    });
  });

  it('reports images with more pixels than Pillow accepts', async () => {
    const wide = await sharp({ create: { width: 14_000, height: 12_800, channels: 3, background: 'black' } })
      .png()
      .toBuffer();
    await expect(decodeRgbBytes(wide, '/d/x.png')).rejects.toMatchObject({ code: 'too-large', message: /178956970/ });
    const large = bmp(2, 24, [[1, 2, 3, 4, 5, 6]]);
    large.writeInt32LE(14_000, 18);
    large.writeInt32LE(12_800, 22);
    await expect(decode(large)).rejects.toMatchObject({ code: 'too-large' });
  });

  it('reports damaged data', async () => {
    const png = await picture(64, 48).png().toBuffer();
    png.fill(0xaa, 60, 90);
    await expect(decodeRgbBytes(png, '/d/x.png')).rejects.toMatchObject({
      where: '/d/x.png',
      code: expect.stringMatching(/broken|truncated/),
    });
  });
});

describe('BMP', () => {
  it('reads 24 and 32 bits, bottom-up and top-down', async () => {
    const rows = [
      [3, 2, 1, 6, 5, 4],
      [9, 8, 7, 12, 11, 10],
    ];
    const rgb = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    expect(await decode(bmp(2, 24, rows))).toEqual(rgb);
    expect(await decode(bmp(2, 24, rows, { topDown: true }))).toEqual(rgb);
    expect(
      await decode(
        bmp(1, 32, [
          [3, 2, 1, 99],
          [6, 5, 4, 0],
        ]),
      ),
    ).toEqual([1, 2, 3, 4, 5, 6]);
  });

  it('reads palettes of 8, 4 and 1 bits', async () => {
    const palette = [0, 0, 0, 0, 30, 20, 10, 0, 60, 50, 40, 0];
    expect(await decode(bmp(3, 8, [[2, 1, 0]], { palette }))).toEqual([40, 50, 60, 10, 20, 30, 0, 0, 0]);
    expect(await decode(bmp(3, 4, [[0x21, 0x00]], { palette }))).toEqual([40, 50, 60, 10, 20, 30, 0, 0, 0]);
    expect(await decode(bmp(3, 1, [[0b01000000]], { palette: palette.slice(0, 8) }))).toEqual([
      0, 0, 0, 10, 20, 30, 0, 0, 0,
    ]);
  });

  it('reports unsupported variants', async () => {
    const compressed = bmp(2, 8, [[0, 0]]);
    compressed.writeUInt32LE(1, 30);
    await expect(decode(compressed)).rejects.toMatchObject({
      code: 'unsupported-format',
      message: /8 bits a pixel and compression 1/,
    });
    const huge = bmp(2, 24, [[1, 2, 3, 4, 5, 6]]);
    huge.writeInt32LE(1_000_000, 18);
    huge.writeInt32LE(1_000_000, 22);
    await expect(decode(huge)).rejects.toMatchObject({ code: 'broken', message: /1000000x1000000/ });
  });
});

/** A TIFF with rows of increasing opacity, because sharp itself can add only a constant alpha. */
async function alphaTiff(options: TiffOptions = {}): Promise<Buffer> {
  const rgb = gradient(16, 12);
  const rgba = Buffer.alloc(16 * 12 * 4);
  for (let i = 0; i < 16 * 12; i++) rgb.copy(rgba, i * 4, i * 3, i * 3 + 3);
  for (let i = 0; i < 16 * 12; i++) rgba[i * 4 + 3] = i;
  return sharp(rgba, { raw: { width: 16, height: 12, channels: 4 } })
    .tiff({ compression: 'deflate', ...options })
    .toBuffer();
}

const python = ['trainer/.venv/bin/python', 'trainer/.venv/Scripts/python.exe'].find(existsSync);

describe.skipIf(python === undefined)('compared with OpenCV (needs the virtual environment of the trainer)', () => {
  it('returns the same pixels as training reads', { timeout: 120_000 }, async () => {
    const folder = temporaryFolder();
    const deep = Uint16Array.from(gradient(16, 12), (value) => value * 257 - (value > 10 ? 100 : 0));
    const files: Record<string, Uint8Array> = {
      'rgb.jpg': await picture().jpeg({ quality: 95 }).toBuffer(),
      'subsampled.jpg': await picture(61, 33).jpeg({ chromaSubsampling: '4:2:0' }).toBuffer(),
      'cmyk.jpg': await picture().toColourspace('cmyk').jpeg({ quality: 95 }).toBuffer(),
      'turned.jpg': await picture().withMetadata({ orientation: 6 }).jpeg().toBuffer(),
      'alpha.png': await picture().ensureAlpha(0.3).png().toBuffer(),
      'profile.png': await picture().withIccProfile('p3').png().toBuffer(),
      'deep.png': await sharp(deep, { raw: { width: 16, height: 12, channels: 3 } })
        .toColourspace('rgb16')
        .png()
        .toBuffer(),
      'lossy.webp': await picture().webp().toBuffer(),
      'rgb.tif': await picture().tiff({ compression: 'lzw' }).toBuffer(),
      'alpha.tif': await alphaTiff(),
      'gray-alpha.png': await picture().toColourspace('b-w').ensureAlpha(0.3).png().toBuffer(),
      'alpha.webp': await picture().ensureAlpha(0.3).webp().toBuffer(),
      'palette.png': await picture().ensureAlpha(0.3).png({ palette: true }).toBuffer(),
      'turned.png': await picture().withMetadata({ orientation: 8 }).png().toBuffer(),
      'turned.webp': await picture().withMetadata({ orientation: 8 }).webp().toBuffer(),
      'turned.tif': await picture().withMetadata({ orientation: 6 }).tiff({ compression: 'none' }).toBuffer(),
      'deep.tif': await sharp(deep, { raw: { width: 16, height: 12, channels: 3 } })
        .toColourspace('rgb16')
        .tiff({ compression: 'deflate' })
        .toBuffer(),
      'gray.tif': await picture().toColourspace('b-w').tiff({ compression: 'lzw' }).toBuffer(),
      'bits.tif': await picture().toColourspace('b-w').tiff({ bitdepth: 1, compression: 'ccittfax4' }).toBuffer(),
      'jpeg.tif': await picture(61, 33).tiff({ compression: 'jpeg' }).toBuffer(),
      'big.tif': await alphaTiff({ bigtiff: true }),
      'rgb.bmp': bmp(2, 24, [
        [3, 2, 1, 6, 5, 4],
        [9, 8, 7, 12, 11, 10],
      ]),
      'palette.bmp': bmp(3, 8, [[2, 1, 0]], { palette: [0, 0, 0, 0, 30, 20, 10, 0, 60, 50, 40, 0] }),
    };
    putFiles(folder, files);
    // The same calls as in `ultralytics.utils.patches.imread`, whose import would take seconds.
    const script = [
      'import sys, cv2, numpy as np',
      'for path in sys.argv[1:]:',
      '    data = np.fromfile(path, np.uint8)',
      '    image = None',
      '    if path.endswith(".tif"):',
      '        image = cv2.imdecodemulti(data, cv2.IMREAD_UNCHANGED)[1][0]',
      '        image = image[..., :3] if image.ndim == 3 else None',
      '    image = cv2.imdecode(data, cv2.IMREAD_COLOR) if image is None else image',
      '    image = (image >> 8).astype(np.uint8) if image.dtype == np.uint16 else image',
      '    np.ascontiguousarray(image[..., ::-1]).tofile(path + ".raw")',
    ].join('\n');
    const paths = Object.keys(files).map((name) => join(folder, name));
    execFileSync(python ?? 'python', ['-c', script, ...paths], { stdio: 'ignore' });
    for (const path of paths) {
      const { data } = await decodeRgb(path);
      expect([path, Buffer.compare(data, readFileSync(`${path}.raw`))]).toEqual([path, 0]);
    }
  });
});
