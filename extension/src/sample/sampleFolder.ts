import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import { AppError } from '../core/errors.ts';
import { generateSample, type SampleOptions, type SampleReport } from './generate.ts';

/** The folder for the sample project cannot be used. */
class SampleError extends AppError<'sample-folder-taken' | 'sample-differs'> {}

/** Marks a folder as a sample project; written first and, with `complete`, last. */
const markerName = '.sample.json';
const markerSchema = z.object({
  format: z.literal(1),
  seed: z.number(),
  images: z.number(),
  complete: z.boolean(),
});
type Marker = z.infer<typeof markerSchema>;

/** What a sample project is made from: the same request gives the same project. */
export interface SampleRequest {
  readonly folder: string;
  readonly seed: number;
  /** Training images, labelled ones and pool together. */
  readonly images: number;
}

/**
 * Generates the sample project, or leaves it alone if it is complete, because a user may have added labels. A sample
 * that was interrupted is generated again. Returns the counts of what was written, or undefined if nothing was.
 * Throws SampleError if the folder contains anything else, and WorkflowError `cancelled`.
 */
export async function ensureSample(
  { folder, seed, images }: SampleRequest,
  options: Pick<SampleOptions, 'signal' | 'onProgress'> = {},
): Promise<SampleReport | undefined> {
  const marker = await existingMarker(folder);
  if (marker?.complete === true) {
    if (marker.seed === seed && marker.images === images) return undefined;
    throw new SampleError(
      'sample-differs',
      `${folder} contains a sample project with seed ${marker.seed} and ${marker.images} images`,
      'Choose another folder with --out, or delete this one first. It may contain labels that you made.',
      { where: folder },
    );
  }
  await mkdir(folder, { recursive: true });
  await writeMarker(folder, { format: 1, seed, images, complete: false });
  const report = await generateSample({ folder, seed, images, ...options });
  await writeMarker(folder, { format: 1, seed, images, complete: true });
  return report;
}

/** The marker of a sample folder, or undefined if the folder is missing or empty. Throws if it contains anything else. */
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
    `${folder} is not a sample project and is not empty`,
    'Choose another folder with --out. Nothing was written.',
    { where: folder, cause },
  );
}

async function writeMarker(folder: string, marker: Marker): Promise<void> {
  const temporary = path.join(folder, `${markerName}.tmp`);
  await writeFile(temporary, `${JSON.stringify(marker)}\n`);
  await rename(temporary, path.join(folder, markerName));
}
