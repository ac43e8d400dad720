import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import sharp from 'sharp';
import { createRandom } from '../../src/core/random.ts';

export interface TinyDatasetOptions {
  readonly folder: string;
  /** Images of the train split; the first `labelled` of them have label files. */
  readonly train: number;
  readonly labelled: number;
  readonly val: number;
  /** Side length in pixels. */
  readonly size?: number;
  /** Whether label files are written for all images, as a simulation needs it. */
  readonly allLabelled?: boolean;
  readonly seed?: number;
}

export interface TinyDataset {
  readonly yaml: string;
  readonly folder: string;
  /** An architecture small enough to train in seconds. */
  readonly architecture: string;
}

/** Squares and discs on grey noise, in YOLO layout: something a detector of a few thousand weights can train on. */
export async function makeTinyDataset(options: TinyDatasetOptions): Promise<TinyDataset> {
  const { folder, size = 96 } = options;
  const random = createRandom(options.seed ?? 1);
  for (const [split, count, labelled] of [
    ['train', options.train, options.allLabelled ? options.train : options.labelled],
    ['val', options.val, options.val],
  ] as const) {
    await mkdir(join(folder, 'images', split), { recursive: true });
    await mkdir(join(folder, 'labels', split), { recursive: true });
    for (let n = 0; n < count; n++) {
      const name = `${split}-${String(n).padStart(3, '0')}`;
      const { svg, rows } = draw(size, random);
      await sharp(Buffer.from(svg))
        .jpeg({ quality: 92 })
        .toFile(join(folder, 'images', split, `${name}.jpg`));
      if (n < labelled) await writeFile(join(folder, 'labels', split, `${name}.txt`), rows);
    }
  }
  const yaml = join(folder, 'data.yaml');
  const val = options.val > 0 ? 'val: images/val\n' : '';
  await writeFile(yaml, `path: .\ntrain: images/train\n${val}names:\n  0: square\n  1: disc\n`);
  const architecture = join(folder, 'yolov8t.yaml');
  await writeFile(architecture, tinyArchitecture);
  return { yaml, folder, architecture };
}

function draw(size: number, random: () => number): { svg: string; rows: string } {
  const grey = 90 + Math.floor(random() * 60);
  const shapes: string[] = [];
  const rows: string[] = [];
  for (let n = 0, count = 1 + Math.floor(random() * 2); n < count; n++) {
    const side = size * (0.2 + random() * 0.2);
    const x = random() * (size - side);
    const y = random() * (size - side);
    const classId = random() < 0.5 ? 0 : 1;
    const colour = classId === 0 ? 'rgb(220,60,40)' : 'rgb(40,70,220)';
    shapes.push(
      classId === 0
        ? `<rect x="${x}" y="${y}" width="${side}" height="${side}" fill="${colour}"/>`
        : `<circle cx="${x + side / 2}" cy="${y + side / 2}" r="${side / 2}" fill="${colour}"/>`,
    );
    rows.push(
      [classId, ...[x + side / 2, y + side / 2, side, side].map((value) => (value / size).toFixed(6))].join(' '),
    );
  }
  return {
    svg: `<svg xmlns="http://www.w3.org/2000/svg" width="${size}" height="${size}"><rect width="100%" height="100%" fill="rgb(${grey},${grey},${grey})"/>${shapes.join('')}</svg>`,
    rows: `${rows.join('\n')}\n`,
  };
}

/** YOLOv8 with a scale that Ultralytics does not ship: about 80,000 weights. */
const tinyArchitecture = `nc: 80
scales:
  t: [0.33, 0.0625, 512]
backbone:
  - [-1, 1, Conv, [64, 3, 2]]
  - [-1, 1, Conv, [128, 3, 2]]
  - [-1, 3, C2f, [128, True]]
  - [-1, 1, Conv, [256, 3, 2]]
  - [-1, 6, C2f, [256, True]]
  - [-1, 1, Conv, [512, 3, 2]]
  - [-1, 6, C2f, [512, True]]
  - [-1, 1, Conv, [1024, 3, 2]]
  - [-1, 3, C2f, [1024, True]]
  - [-1, 1, SPPF, [1024, 5]]
head:
  - [-1, 1, nn.Upsample, [None, 2, "nearest"]]
  - [[-1, 6], 1, Concat, [1]]
  - [-1, 3, C2f, [512]]
  - [-1, 1, nn.Upsample, [None, 2, "nearest"]]
  - [[-1, 4], 1, Concat, [1]]
  - [-1, 3, C2f, [256]]
  - [-1, 1, Conv, [256, 3, 2]]
  - [[-1, 12], 1, Concat, [1]]
  - [-1, 3, C2f, [512]]
  - [-1, 1, Conv, [512, 3, 2]]
  - [[-1, 9], 1, Concat, [1]]
  - [-1, 3, C2f, [1024]]
  - [[15, 18, 21], 1, Detect, [nc]]
`;
