import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import sharp, { type Sharp } from 'sharp';
import { onTestFinished } from 'vitest';

/** A folder that is removed at the end of the test. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'al files ü#%-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** Writes files by path relative to the folder, and creates their folders. */
export function putFiles(folder: string, files: Readonly<Record<string, string | Uint8Array>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), content);
  }
}

/** Pixels in which all rows, columns and channels differ. */
export function gradient(width: number, height: number): Buffer {
  return Buffer.from(
    Array.from({ length: width * height * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % width, Math.floor(i / 3 / width)];
      return [(x * 255) / (width - 1), (y * 255) / (height - 1), ((x + y) * 255) / (width + height - 2)][i % 3] ?? 0;
    }),
  );
}

/** The gradient as an image to encode. */
export function picture(width = 16, height = 12): Sharp {
  return sharp(gradient(width, height), { raw: { width, height, channels: 3 } });
}

/** An uncompressed BMP with a 40-byte header. `rows` are the stored bytes of each row, from the top. */
export function bmp(
  width: number,
  bits: number,
  rows: readonly (readonly number[])[],
  { palette = [], topDown = false }: { palette?: readonly number[]; topDown?: boolean } = {},
): Buffer {
  const header = Buffer.alloc(54);
  header.write('BM');
  header.writeUInt32LE(54 + palette.length, 10);
  header.writeUInt32LE(40, 14);
  header.writeInt32LE(width, 18);
  header.writeInt32LE(topDown ? -rows.length : rows.length, 22);
  header.writeUInt16LE(1, 26);
  header.writeUInt16LE(bits, 28);
  header.writeUInt32LE(palette.length / 4, 46);
  const stored = (topDown ? rows : rows.toReversed()).map((row) =>
    Buffer.concat([Buffer.from(row), Buffer.alloc((4 - (row.length % 4)) % 4)]),
  );
  return Buffer.concat([header, Buffer.from(palette), ...stored]);
}

/** An uncompressed TIFF of one strip; `inks` are interleaved CMYK bytes, 255 = full ink. */
export function cmykTiff(width: number, height: number, inks: readonly number[]): Buffer {
  const short = 3;
  const long = 4;
  const entries: [tag: number, type: number, count: number, value: number][] = [
    [256, short, 1, width],
    [257, short, 1, height],
    [258, short, 4, 0],
    [259, short, 1, 1],
    [262, short, 1, 5],
    [273, long, 1, 0],
    [277, short, 1, 4],
    [278, short, 1, height],
    [279, long, 1, inks.length],
  ];
  const bitsAt = 8 + 2 + entries.length * 12 + 4;
  const head = Buffer.alloc(bitsAt + 8);
  head.write('II*\0', 'latin1');
  head.writeUInt32LE(8, 4);
  head.writeUInt16LE(entries.length, 8);
  for (const [index, [tag, type, count, value]] of entries.entries()) {
    const at = 10 + index * 12;
    head.writeUInt16LE(tag, at);
    head.writeUInt16LE(type, at + 2);
    head.writeUInt32LE(count, at + 4);
    head.writeUInt32LE(tag === 258 ? bitsAt : tag === 273 ? head.length : value, at + 8);
  }
  for (let i = 0; i < 4; i++) head.writeUInt16LE(8, bitsAt + i * 2);
  return Buffer.concat([head, Buffer.from(inks)]);
}
