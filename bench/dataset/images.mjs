import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const looks = 50;
const aFolder = 1000;

/**
 * Writes so many JPEG images of a few kilobytes, no two of the same bytes, every second one with a label.
 * @returns the path of their data.yaml.
 */
export async function makeImages(folder, count) {
  const pictures = [];
  for (let look = 0; look < looks; look++) {
    const background = { r: (look * 37) % 256, g: (look * 91) % 256, b: (look * 53) % 256 };
    const noise = { type: 'gaussian', mean: 128, sigma: 10 + look };
    const size = { width: 160 + 4 * (look % 10), height: 120 + 3 * (look % 7), channels: 3 };
    pictures.push(
      await sharp({ create: { ...size, background, noise } })
        .jpeg({ quality: 70 })
        .toBuffer(),
    );
  }
  for (let start = 0; start < count; start += aFolder) {
    const part = `part-${start / aFolder}`;
    const [images, labels] = ['images', 'labels'].map((kind) => join(folder, kind, part));
    await mkdir(images, { recursive: true });
    await mkdir(labels, { recursive: true });
    const numbers = Array.from({ length: Math.min(aFolder, count - start) }, (_, index) => start + index);
    await Promise.all(
      numbers.map(async (number) => {
        const name = `image-of-the-day-${String(number * 7919).padStart(9, '0')}`;
        await writeFile(join(images, `${name}.jpg`), withComment(pictures[number % looks], String(number)));
        if (number % 2 === 0) await writeFile(join(labels, `${name}.txt`), '0 0.5 0.5 0.2 0.2\n1 0.2 0.2 0.1 0.1\n');
      }),
    );
  }
  const yaml = join(folder, 'data.yaml');
  await writeFile(yaml, 'path: .\ntrain: images\nnames: [scratch, dent]\n');
  return yaml;
}

/** The JPEG with a comment right after its start marker. */
function withComment(jpeg, text) {
  const comment = Buffer.from(text);
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, comment.length + 2]);
  return Buffer.concat([head, comment, jpeg.subarray(2)]);
}
