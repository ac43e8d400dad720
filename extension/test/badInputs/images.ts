import { execFileSync } from 'node:child_process';
import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import sharp from 'sharp';
import type { BadInput, Kind } from './badInput.ts';
import { validateYaml } from './meet.ts';
import { goodDataset, picture, png, put } from './pictures.ts';

/** A file with this name among good images. */
function file(
  name: string,
  image: string,
  content: string | Uint8Array | (() => Promise<Uint8Array>),
  code: string,
  says: RegExp,
): BadInput {
  const place = `images/train/${image}`;
  const make = async (folder: string): Promise<void> => {
    goodDataset(folder);
    put(folder, place, typeof content === 'function' ? await content() : content);
  };
  return { name, make, meet: validateYaml, code, says, names: image };
}

function instead(name: string, make: (path: string) => void, code: string, says: RegExp): BadInput {
  const making = (folder: string): void => {
    goodDataset(folder);
    make(join(folder, 'images/train/bad.jpg'));
  };
  return { name, make: making, meet: validateYaml, code, says, names: 'bad.jpg' };
}

const noise = (): Buffer => Buffer.from(Array.from({ length: 64 * 64 * 3 }, (_, i) => (i * 7919) % 251));
const jpeg = (): Promise<Buffer> =>
  sharp(noise(), { raw: { width: 64, height: 64, channels: 3 } })
    .jpeg({ quality: 95 })
    .toBuffer();
const cut = (share: number) => async (): Promise<Uint8Array> => {
  const whole = await jpeg();
  return whole.subarray(0, Math.floor(whole.length * share));
};
const webp = async (): Promise<Uint8Array> =>
  (
    await sharp(noise(), { raw: { width: 64, height: 64, channels: 3 } })
      .webp({ lossless: true })
      .toBuffer()
  ).subarray(0, 300);
const tiff = async (): Promise<Uint8Array> =>
  (
    await sharp(noise(), { raw: { width: 64, height: 64, channels: 3 } })
      .tiff()
      .toBuffer()
  ).subarray(0, 400);

/** A bitmap header of this size with hardly a pixel behind it. */
function bitmap(width: number, height: number): Buffer {
  const bytes = Buffer.alloc(70);
  bytes.write('BM', 'latin1');
  bytes.writeUInt32LE(bytes.length, 2);
  bytes.writeUInt32LE(54, 10);
  bytes.writeUInt32LE(40, 14);
  bytes.writeInt32LE(width, 18);
  bytes.writeInt32LE(height, 22);
  bytes.writeUInt16LE(1, 26);
  bytes.writeUInt16LE(24, 28);
  return bytes;
}

const contents: readonly BadInput[] = [
  file('an empty file', 'bad.jpg', '', 'empty', /empty/),
  file('text', 'bad.png', 'hello, this is no image', 'unsupported-format', /bad\.png/),
  file(
    'an SVG by the name of a JPEG',
    'bad.jpg',
    '<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    'unsupported-format',
    /bad\.jpg/,
  ),
  file(
    'an SVG that reads another file',
    'bad.png',
    '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>',
    'unsupported-format',
    /bad\.png/,
  ),
  file(
    'a web page',
    'bad.jpg',
    '<!DOCTYPE html><html><body>404 Not Found</body></html>',
    'unsupported-format',
    /bad\.jpg/,
  ),
  file(
    'a pointer of Git LFS',
    'bad.jpg',
    'version https://git-lfs.github.com/spec/v1\noid sha256:1234\nsize 19\n',
    'not-fetched',
    /Git LFS|fetched/,
  ),
  file('a JPEG whose half is missing', 'bad.jpg', cut(0.5), 'truncated', /bad\.jpg/),
  file('the header of a JPEG alone', 'bad.jpg', cut(0.05), 'truncated', /bad\.jpg/),
  file('two bytes of a JPEG', 'bad.jpg', Buffer.from([0xff, 0xd8]), 'unsupported-format', /bad\.jpg/),
  file('a PNG without pixels', 'bad.png', png(64, 64, { rows: 0 }), 'broken', /bad\.png/),
  file('a PNG whose half is missing', 'bad.png', picture().subarray(0, 45), 'truncated', /bad\.png/),
  file(
    'a PNG with a wrong checksum',
    'bad.png',
    Buffer.from(picture().map((byte, i) => (i === 45 ? byte ^ 0xff : byte))),
    'broken',
    /bad\.png/,
  ),
  file('a PNG of 60,000 by 60,000', 'bad.png', png(60_000, 60_000, { rows: 0 }), 'too-large', /178956970|pixels/),
  file('a PNG of 2,147,483,647 a side', 'bad.png', png(2 ** 31 - 1, 2 ** 31 - 1, { rows: 0 }), 'broken', /bad\.png/),
  file('a PNG of no size', 'bad.png', png(0, 0), 'broken', /bad\.png/),
  file('a PNG of one pixel', 'bad.png', png(1, 1), 'too-small', /below 10 pixels/),
  file('a PNG of nine by nine', 'bad.png', png(9, 9), 'too-small', /below 10 pixels/),
  file('a bitmap that is only a header', 'bad.bmp', bitmap(64, 64), 'truncated', /bad\.bmp/),
  file('a bitmap of two thousand million pixels', 'bad.bmp', bitmap(50_000, 50_000), 'broken', /50000x50000 pixels/),
  file('a bitmap of negative width', 'bad.bmp', bitmap(-64, 64), 'broken', /bad\.bmp/),
  file('a WebP that is cut', 'bad.webp', webp, 'truncated', /bad\.webp/),
  file('a TIFF that is cut', 'bad.tif', tiff, 'broken', /bad\.tif/),
  file('a GIF', 'bad.gif', Buffer.from('GIF89a\u0001\0\u0001\0', 'latin1'), 'unsupported-format', /\.gif/),
  file(
    'a photograph of a telephone',
    'bad.heic',
    Buffer.from('\0\0\0\u0018ftypheic', 'latin1'),
    'unsupported-format',
    /heic/,
  ),
  file(
    'a zip file by the name of a PNG',
    'bad.png',
    Buffer.from('PK\u0003\u0004\0\0\0\0', 'latin1'),
    'unsupported-format',
    /bad\.png/,
  ),
  file(
    'random bytes',
    'bad.jpg',
    Buffer.from(Array.from({ length: 5000 }, (_, i) => (i * 7919) % 256)),
    'unsupported-format',
    /bad\.jpg/,
  ),
];

const paths: readonly BadInput[] = [
  instead('a link to nothing', (path) => symlinkSync('gone.jpg', path), 'image-missing', /bad\.jpg/),
  instead('a link to itself', (path) => symlinkSync('bad.jpg', path), 'image-missing', /bad\.jpg/),
  instead('a link to a device without end', (path) => symlinkSync('/dev/zero', path), 'image-not-a-file', /bad\.jpg/),
  instead(
    'a link to a file that is no image',
    (path) => symlinkSync('/etc/passwd', path),
    'unsupported-format',
    /bad\.jpg/,
  ),
  instead('a named pipe', (path) => execFileSync('mkfifo', [path]), 'image-not-a-file', /bad\.jpg/),
];

export const images: Kind = {
  kind: 'images',
  inputs: [...contents, ...(process.platform === 'win32' ? [] : paths)],
};
