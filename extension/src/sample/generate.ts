import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { seedFrom } from '../core/random.ts';
import { throwIfCancelled } from '../workflow/shared/errors.ts';
import { classNames, type DefectClass } from './defects/defect.ts';
import { createNoise } from './draw/noise.ts';
import { planSample, type PlannedImage } from './plan.ts';
import { dataYaml, labelText, readme, type SampleCount } from './texts.ts';
import { Renderer, type Picture } from './render.ts';
import { drawScene, nextFrame } from './scene.ts';

export interface SampleOptions {
  /** Folder to write into; created if it is missing. Existing files with the same names are replaced. */
  readonly folder: string;
  readonly seed: number;
  /** Training images, labelled ones and pool together. Default 300. */
  readonly images?: number;
  /** Labelled training images. Default 40, at most half of `images`. */
  readonly labelled?: number;
  /** Validation images, all labelled. Default a fifth of `images`. */
  readonly validation?: number;
  /** Called after each image. */
  readonly onProgress?: (progress: SampleProgress) => void;
  /** Stops after the current image. */
  readonly signal?: AbortSignal;
}

export interface SampleProgress {
  readonly done: number;
  readonly total: number;
}

/** What was written. */
export interface SampleReport {
  readonly folder: string;
  readonly dataYaml: string;
  readonly labelled: SampleCount;
  readonly pool: SampleCount;
  readonly validation: SampleCount;
}

type Group = 'labelled' | 'pool' | 'validation';

/** JPEG encodings under way while the next picture is drawn. */
const encodingsAtOnce = 3;

/**
 * Generates the sample project: pictures of machined parts in YOLO layout, a few labelled, with the labels of the others
 * under `.truth/`. The same options give the same bytes with the same version of sharp. Throws WorkflowError
 * `cancelled` if `signal` stops it.
 */
export async function generateSample(options: SampleOptions): Promise<SampleReport> {
  const { folder, seed, onProgress, signal } = options;
  const images = options.images ?? 300;
  const labelled = Math.min(options.labelled ?? 40, Math.max(1, Math.floor(images / 2)));
  const validation = options.validation ?? Math.max(1, Math.round(images / 5));
  const plan = planSample({ seed, images, labelled, validation });
  for (const name of ['images/train', 'images/val', 'labels/train', 'labels/val', '.truth/labels/train']) {
    await mkdir(path.join(folder, name), { recursive: true });
  }
  const counts: Record<Group, SampleCount> = { labelled: noCount(), pool: noCount(), validation: noCount() };
  const renderer = new Renderer(createNoise(seedFrom('noise', seed)));
  const running: Promise<void>[] = [];
  let done = 0;
  for (const image of plan) {
    const first = drawScene(image.sceneSeed, image.classes);
    const scene = image.frameSeed === undefined ? first : nextFrame(first, image.frameSeed);
    const picture = renderer.render(scene);
    const group = groupOf(image);
    counts[group] = counted(counts[group], picture);
    running.push(write(folder, image, picture, scene.optics.quality));
    if (running.length > encodingsAtOnce) await running.shift();
    done += 1;
    onProgress?.({ done, total: plan.length });
    if (signal?.aborted === true) break;
  }
  await Promise.all(running);
  throwIfCancelled(signal);
  const yamlFile = path.join(folder, 'data.yaml');
  await writeFile(yamlFile, dataYaml());
  await writeFile(path.join(folder, 'README.md'), readme({ ...counts, seed }));
  return { folder, dataYaml: yamlFile, ...counts };
}

function groupOf(image: PlannedImage): Group {
  if (image.split === 'val') return 'validation';
  return image.labelled ? 'labelled' : 'pool';
}

async function write(folder: string, image: PlannedImage, picture: Picture, quality: number): Promise<void> {
  const { width, height, pixels, seen } = picture;
  const jpeg = await sharp(pixels, { raw: { width, height, channels: 3 } })
    .jpeg({ quality, chromaSubsampling: '4:2:0' })
    .toBuffer();
  const labels = path.join(...(groupOf(image) === 'pool' ? ['.truth'] : []), 'labels', image.split);
  await writeFile(path.join(folder, 'images', image.split, `${image.name}.jpg`), jpeg);
  await writeFile(path.join(folder, labels, `${image.name}.txt`), labelText(seen, width, height));
}

function noCount(): SampleCount {
  return { images: 0, backgrounds: 0, boxes: { scratch: 0, dent: 0, stain: 0, crack: 0 } };
}

function counted(count: SampleCount, picture: Picture): SampleCount {
  const boxes = { ...count.boxes };
  for (const name of classNames) boxes[name] += picture.seen.filter((defect) => defect.kind === name).length;
  const backgrounds = count.backgrounds + (picture.seen.length === 0 ? 1 : 0);
  return { images: count.images + 1, backgrounds, boxes };
}
