import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { classNames } from './defects/defect.ts';
import { generateSample } from './generate.ts';
import type { SampleCount } from './texts.ts';

/** The folder for the sample cannot be used, or the arguments make no sense. */
export class SampleError extends AppError<'sample-folder-taken' | 'sample-differs' | 'sample-arguments'> {}

/** Marks a folder as a sample project; written first and, with `complete`, last. */
const markerName = '.sample.json';
const markerSchema = z.object({
  format: z.literal(1),
  seed: z.number(),
  images: z.number(),
  complete: z.boolean(),
});
type Marker = z.infer<typeof markerSchema>;

/**
 * `sample [--out <folder>] [--seed <n>] [--images <n>]`: generates the sample project, prints progress, returns exit
 * code 0. A complete sample of the same arguments is left alone (labels added to it stay); a broken-off one is made
 * again. Throws SampleError where the folder holds anything else, and WorkflowError `cancelled`.
 */
export async function runSample(args: readonly string[], signal?: AbortSignal): Promise<number> {
  const { folder, seed, images } = parse(args);
  const marker = await existingMarker(folder);
  if (marker?.complete === true) {
    if (marker.seed !== seed || marker.images !== images) {
      throw new SampleError(
        'sample-differs',
        `${folder} holds a sample project with seed ${marker.seed} and ${marker.images} images`,
        'Choose another folder with --out, or delete this one first: it may hold labels that you made.',
        { where: folder },
      );
    }
    process.stdout.write(`Sample project is ready in ${folder}\n`);
    return 0;
  }
  await mkdir(folder, { recursive: true });
  await writeMarker(folder, { format: 1, seed, images, complete: false });
  let shown = -1;
  const report = await generateSample({
    folder,
    seed,
    images,
    ...(signal === undefined ? {} : { signal }),
    report: ({ done, total }) => {
      const tenth = Math.floor((done / total) * 10);
      if (tenth === shown) return;
      shown = tenth;
      process.stdout.write(`Sample project: ${done} of ${total} images\n`);
    },
  });
  await writeMarker(folder, { format: 1, seed, images, complete: true });
  process.stdout.write(
    [
      `labelled   ${summary(report.labelled)}`,
      `pool       ${summary(report.pool)}`,
      `validation ${summary(report.validation)}`,
      `Sample project is ready in ${folder}`,
      '',
    ].join('\n'),
  );
  return 0;
}

function parse(args: readonly string[]): { folder: string; seed: number; images: number } {
  try {
    const { values } = parseArgs({
      args: [...args],
      options: {
        out: { type: 'string', default: 'sample' },
        seed: { type: 'string', default: '1' },
        images: { type: 'string', default: '300' },
      },
    });
    const seed = z.coerce.number().int().min(0).max(0xffffffff).parse(values.seed);
    const images = z.coerce.number().int().min(2).max(100_000).parse(values.images);
    return { folder: path.resolve(values.out), seed, images };
  } catch (cause) {
    throw new SampleError(
      'sample-arguments',
      `The arguments of "sample" are not understood: ${args.join(' ')}`,
      'Use: sample [--out <folder>] [--seed <whole number>] [--images <2 to 100000>]',
      { cause },
    );
  }
}

/** The marker of a sample folder; undefined for a missing or empty folder. Throws where something else lies there. */
async function existingMarker(folder: string): Promise<Marker | undefined> {
  let names: string[];
  try {
    names = await readdir(folder);
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw taken(folder, error);
  }
  if (names.length === 0) return undefined;
  if (!names.includes(markerName)) throw taken(folder);
  try {
    return markerSchema.parse(JSON.parse(await readFile(path.join(folder, markerName), 'utf8')));
  } catch (error) {
    throw taken(folder, error);
  }
}

function taken(folder: string, cause?: unknown): SampleError {
  return new SampleError(
    'sample-folder-taken',
    `${folder} is no sample project and is not empty`,
    'Choose another folder with --out; nothing was written.',
    { where: folder, cause },
  );
}

async function writeMarker(folder: string, marker: Marker): Promise<void> {
  const temporary = path.join(folder, `${markerName}.tmp`);
  await writeFile(temporary, `${JSON.stringify(marker)}\n`);
  await rename(temporary, path.join(folder, markerName));
}

function summary(count: SampleCount): string {
  const boxes = classNames.map((name) => `${count.boxes[name]} ${name}`).join(', ');
  return `${count.images} images, ${count.backgrounds} without defects; ${boxes}`;
}
