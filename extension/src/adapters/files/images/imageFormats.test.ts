import { describe, expect, it } from 'vitest';
import { extensionOf, isReadableImageName, sniffFormat, unsupportedReason } from './imageFormats.ts';

describe('image names', () => {
  it.each(['a.jpg', 'A.JPEG', 'b.b.png', 'c.webp', 'd.avif', 'e.tif', 'f.TIFF', 'g.bmp', '/x.y/a #%"<é.jpg'])(
    'reads %s',
    (name) => {
      expect(isReadableImageName(name)).toBe(true);
      expect(unsupportedReason(name)).toBeNull();
    },
  );

  it.each(['a.dng', 'a.HEIC', 'a.heif', 'a.jp2', 'a.mpo', 'a.gif'])(
    'gives the reason why %s is unsupported',
    (name) => {
      expect(isReadableImageName(name)).toBe(false);
      expect(unsupportedReason(name)).toMatch(/\w+ \w+/);
    },
  );

  it.each(['a.txt', 'jpg', '.jpg', '/a.jpg/b', 'a.jpg.txt', ''])('does not treat %j as an image', (name) => {
    expect(isReadableImageName(name)).toBe(false);
    expect(unsupportedReason(name)).toBeNull();
  });

  it('uses the last extension and ignores its case', () => {
    expect(extensionOf(String.raw`C:\x.y\a.B.JPG`)).toBe('jpg');
  });
});

const box = (major: string, compatible: string): Buffer =>
  Buffer.concat([Buffer.from([0, 0, 0, 20]), Buffer.from(`ftyp${major}`), Buffer.alloc(4), Buffer.from(compatible)]);

describe('sniffFormat', () => {
  it('recognises AVIF by its brands, and no other ISO media file', () => {
    expect(sniffFormat(box('avif', 'mif1'))).toBe('avif');
    expect(sniffFormat(box('mif1', 'avif'))).toBe('avif');
    expect(sniffFormat(box('heic', 'mif1'))).toBeNull();
  });

  it('recognises nothing else as an image', () => {
    for (const text of ['', '<svg/>', '%PDF-1.7', 'GIF89a', 'RIFF1234WAVE'])
      expect(sniffFormat(Buffer.from(text))).toBeNull();
  });
});
