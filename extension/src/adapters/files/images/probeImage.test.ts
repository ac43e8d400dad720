import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { probeImage } from './probeImage.ts';
import { picture, putFiles, temporaryFolder } from '../testing/datasets.ts';

describe('probeImage', () => {
  it.each([
    'a b.jpg',
    'ü é e\u0301.jpg',
    '#1 %20.jpg',
    '"q" \'s\'.jpg',
    ...(process.platform === 'win32' ? [] : ['<b>.jpg', 'back\\slash.jpg']),
  ])('hashes and measures %s, after EXIF orientation', async (name) => {
    const folder = temporaryFolder();
    const bytes = await picture(20, 10).withMetadata({ orientation: 6 }).jpeg().toBuffer();
    putFiles(folder, { [name]: bytes });
    expect(await probeImage(join(folder, name))).toEqual({
      ok: true,
      contentHash: createHash('sha256').update(bytes).digest('hex'),
      width: 10,
      height: 20,
      perceptualHash: expect.stringMatching(/^[0-9a-f]{32}$/),
      warnings: [],
    });
  });

  it('warns of a JPEG without its end marker and leaves it unchanged', async () => {
    const folder = temporaryFolder();
    const bytes = (await picture().jpeg().toBuffer()).subarray(0, -2);
    putFiles(folder, { 'a.jpg': bytes });
    const probe = await probeImage(join(folder, 'a.jpg'));
    expect(probe).toMatchObject({
      ok: true,
      warnings: [{ severity: 'warning', code: 'jpeg-unended', message: expect.stringContaining('FF D9') }],
    });
    expect(readFileSync(join(folder, 'a.jpg')).equals(bytes)).toBe(true);
  });

  it('reports the problem of a bad image with its path and a hint', async () => {
    const folder = temporaryFolder();
    const jpeg = await picture(64, 48).jpeg().toBuffer();
    putFiles(folder, {
      'truncated.jpg': jpeg.subarray(0, jpeg.length / 2),
      'empty.jpg': '',
      'text.jpg': 'no image',
      'pixel.png': await picture(16, 16).resize(1, 1).png().toBuffer(),
      'low.png': await picture(16, 9).png().toBuffer(),
      'least.png': await picture(10, 10).png().toBuffer(),
    });
    const problemOf = async (name: string): Promise<object | null> => {
      const probe = await probeImage(join(folder, name));
      return probe.ok ? null : probe.problem;
    };
    const expected = (name: string, code: string, words: string): object => ({
      severity: 'error',
      code,
      message: expect.stringMatching(new RegExp(words, 'u')),
      hint: expect.stringMatching(/\w+ \w+/u),
      file: join(folder, name),
    });
    expect(await problemOf('truncated.jpg')).toEqual(
      expected('truncated.jpg', 'truncated', 'ends before the picture does'),
    );
    expect(await problemOf('empty.jpg')).toEqual(expected('empty.jpg', 'empty', 'zero bytes'));
    expect(await problemOf('text.jpg')).toEqual(expected('text.jpg', 'unsupported-format', 'no image'));
    expect(await problemOf('pixel.png')).toEqual(expected('pixel.png', 'too-small', '1x1 pixels'));
    expect(await problemOf('low.png')).toEqual(expected('low.png', 'too-small', '16x9 pixels'));
    expect(await problemOf('least.png')).toBeNull();
    expect(await problemOf('gone.png')).toEqual(expected('gone.png', 'missing', 'There is no image'));
    expect((await probeImage(join(folder, 'truncated.jpg'))).contentHash).toMatch(/^[0-9a-f]{64}$/);
    expect((await probeImage(join(folder, 'gone.png'))).contentHash).toBeNull();
  });
});
