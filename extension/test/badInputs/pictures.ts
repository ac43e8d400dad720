import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { crc32, deflateSync } from 'node:zlib';

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const frame = Buffer.alloc(8);
  frame.writeUInt32BE(data.length, 0);
  frame.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)]);
}

/** A grey PNG; with `rows`, only so many rows of it are there. */
export function png(width: number, height: number, { rows = height, grey = 60 } = {}): Buffer {
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header[8] = 8;
  const pixels = Buffer.alloc(rows * (width + 1), grey);
  // The first byte of a row names its filter.
  for (let row = 0; row < rows; row++) pixels[row * (width + 1)] = 0;
  const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
  const parts = [chunk('IHDR', header), chunk('IDAT', deflateSync(pixels)), chunk('IEND', Buffer.alloc(0))];
  return Buffer.concat([signature, ...parts]);
}

export const picture = (grey = 60): Buffer => png(16, 16, { grey });

export function put(folder: string, name: string, content: string | Uint8Array): void {
  mkdirSync(dirname(join(folder, name)), { recursive: true });
  writeFileSync(join(folder, name), content);
}

/** Two images with labels, and a description of one class, into which an input is then put. */
export function goodDataset(folder: string, yaml: string | Uint8Array = 'train: images/train\nnames: [a]\n'): void {
  for (const [index, name] of ['one', 'two'].entries()) {
    put(folder, `images/train/${name}.png`, picture(60 + index * 50));
    put(folder, `labels/train/${name}.txt`, '0 0.5 0.5 0.2 0.2\n');
  }
  put(folder, 'data.yaml', yaml);
}
