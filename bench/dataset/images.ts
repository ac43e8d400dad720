import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';

const pictureCount = 50;
const aFolder = 1000;

/** The bytes of JPEG images that do not look alike. */
export async function makePictures(): Promise<Buffer[]> {
  const pictures: Buffer[] = [];
  for (let number = 0; number < pictureCount; number++) {
    const background = { r: (number * 37) % 256, g: (number * 91) % 256, b: (number * 53) % 256 };
    const noise = { type: 'gaussian', mean: 128, sigma: 10 + number } as const;
    const size = { width: 160 + 4 * (number % 10), height: 120 + 3 * (number % 7), channels: 3 } as const;
    const picture = sharp({ create: { ...size, background, noise } });
    pictures.push(await picture.jpeg({ quality: 70 }).toBuffer());
  }
  return pictures;
}

/**
 * Writes so many JPEG images of a few kilobytes, no two of the same bytes, every second one with a label.
 * @returns the path of their data.yaml.
 */
export async function makeImages(folder: string, count: number): Promise<string> {
  const pictures = await makePictures();
  for (let start = 0; start < count; start += aFolder) {
    const part = `part-${start / aFolder}`;
    const [images, labels] = [join(folder, 'images', part), join(folder, 'labels', part)];
    await mkdir(images, { recursive: true });
    await mkdir(labels, { recursive: true });
    const numbers = Array.from({ length: Math.min(aFolder, count - start) }, (_, index) => start + index);
    await Promise.all(
      numbers.map(async (number) => {
        const name = `image-of-the-day-${String(number * 7919).padStart(9, '0')}`;
        await writeFile(
          join(images, `${name}.jpg`),
          withComment(pictures[number % pictureCount] as Buffer, String(number)),
        );
        if (number % 2 === 0) await writeFile(join(labels, `${name}.txt`), '0 0.5 0.5 0.2 0.2\n1 0.2 0.2 0.1 0.1\n');
      }),
    );
  }
  const yaml = join(folder, 'data.yaml');
  await writeFile(yaml, 'path: .\ntrain: images\nnames: [scratch, dent]\n');
  return yaml;
}

/** The JPEG with a comment right after its start marker. */
function withComment(jpeg: Buffer, text: string): Buffer {
  const comment = Buffer.from(text);
  const head = Buffer.from([0xff, 0xd8, 0xff, 0xfe, 0, comment.length + 2]);
  return Buffer.concat([head, comment, jpeg.subarray(2)]);
}
