import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { classNames, paintObjects, rowOf, type PaintedObject } from './fakePorts.ts';

export interface SpotSplits {
  readonly folder: string;
  /** Images of the train split; the first `labelled` of them have label files. */
  readonly train: number;
  readonly labelled: number;
  readonly val: number;
}

/** Pictures that the model of the staged trainer answers exactly, in YOLO layout. @returns the path of data.yaml. */
export async function makeSpotSplits({ folder, train, labelled, val }: SpotSplits): Promise<string> {
  for (const [split, count, labels] of [
    ['train', train, labelled],
    ['val', val, val],
  ] as const) {
    await mkdir(join(folder, 'images', split), { recursive: true });
    await mkdir(join(folder, 'labels', split), { recursive: true });
    for (let n = 0; n < count; n++) {
      const name = `${split}-${n}`;
      const [classId, mark] = [([0, 1, 2] as const)[n % 3] ?? 0, split === 'val' ? 1000 + n : n];
      const spot: PaintedObject = {
        column: n % 8,
        row: Math.floor(n / 8) % 8,
        classId,
        brightness: 100 + ((n * 37) % 150),
      };
      await paintObjects(join(folder, 'images', split, `${name}.png`), [spot], mark);
      if (n < labels) await writeFile(join(folder, 'labels', split, `${name}.txt`), `${rowOf(spot)}\n`);
    }
  }
  const yaml = join(folder, 'data.yaml');
  await writeFile(yaml, `path: .\ntrain: images/train\nval: images/val\nnames: [${classNames.join(', ')}]\n`);
  return yaml;
}
