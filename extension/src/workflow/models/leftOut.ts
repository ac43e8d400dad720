import { firstNames } from '../dataset/absentImages.ts';
import type { Ports } from '../ports/ports.ts';
import { ImageLocator } from '../dataset/images.ts';
import type { RunResult } from '../ports/trainer.ts';

/** An image of the dataset that the trainer left out. */
export interface LeftOutImage {
  /** Relative to its root, as the user named it. */
  readonly file: string;
  readonly split: 'train' | 'val';
  readonly reason: string;
}

/** The left-out images of a run's result, with the user's paths. */
export async function leftOutImages(ports: Pick<Ports, 'store'>, { dataset }: RunResult): Promise<LeftOutImage[]> {
  const result: LeftOutImage[] = [];
  for (const { image, split, reason } of dataset?.leftOut ?? []) {
    const row = await ports.store.images.get(image);
    result.push({ file: row?.relativePath ?? `image ${image}`, split, reason });
  }
  return result;
}

/** From a version's lineage; older versions have none. */
export function leftOutOf(lineage: Readonly<Record<string, unknown>>): LeftOutImage[] {
  const { leftOut } = lineage;
  return Array.isArray(leftOut) ? (leftOut as LeftOutImage[]) : [];
}

/** "2 images were left out by the trainer: a.png (…), b.png (…)"; null if there are none. */
export function leftOutNote(images: readonly LeftOutImage[]): string | null {
  if (images.length === 0) return null;
  const names = firstNames(images.map(({ file, reason }) => `${file} (${reason})`));
  return `${images.length} ${images.length === 1 ? 'image was' : 'images were'} left out by the trainer: ${names}`;
}

/**
 * A message of the trainer with the user's paths: the trainer knows the images by its copies
 * (`…/dataset/images/train/<id>.jpg`).
 */
export async function withUserPaths(
  ports: Pick<Ports, 'store'>,
  datasetId: number,
  runId: string,
  text: string,
): Promise<string> {
  const run = runId.replaceAll(/[^\w-]/g, String.raw`\$&`);
  const copy = new RegExp(
    String.raw`(?:[A-Za-z]:[\\/]|/)[^\n:"']*?${run}[\\/]dataset[\\/]images[\\/](?:train|val)[\\/](\d+)\.\w+`,
    'g',
  );
  let locator: ImageLocator | null = null;
  let result = text;
  for (const [path, id] of text.matchAll(copy)) {
    locator ??= await ImageLocator.of(ports, datasetId);
    const row = await ports.store.images.get(Number(id));
    if (row !== null) result = result.replaceAll(path, locator.path(row));
  }
  return result;
}
