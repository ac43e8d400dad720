import { join } from 'node:path';
import { stringify } from 'yaml';
import { TrainingError } from '../../../core/session/errors.ts';
import type { ReportProgress } from '../../../workflow/ports/progress.ts';
import type { SnapshotImage } from '../../../workflow/ports/job.ts';
import { writeAtomic } from '../../platform/atomicWrite.ts';
import { readTextIfThere, type FileOps } from '../../python/fileOps.ts';
import { inspectImage } from './imageFile.ts';
import { placeImage, type WritePng } from './placeImage.ts';

const splits = ['train', 'val'] as const;
/** Enough to hide the latency of a network drive, and below any limit on open files. */
const parallel = 8;

/**
 * Writes exactly these images and labels to `dataset/` of a run. Links images if that is safe and possible, otherwise
 * copies them (see `imageFile.ts`); writes label texts unchanged. Keeps correct files and removes all others, so it can
 * be repeated. Writes `data.yaml` last. Without `writePng`, rejects images that must be decoded.
 * @throws TrainingError `dataset-invalid`; file system errors.
 */
export async function writeSnapshot(
  files: FileOps,
  dataset: string,
  images: readonly SnapshotImage[],
  classNames: readonly string[],
  report: ReportProgress = () => {},
  writePng?: WritePng,
): Promise<void> {
  checkImages(images);
  for (const split of splits) {
    await files.mkdir(join(dataset, 'images', split), { recursive: true });
    await files.mkdir(join(dataset, 'labels', split), { recursive: true });
  }
  const expected = new Set<string>();
  let done = 0;
  await forEachParallel(images, async (image) => {
    const placement = await inspectImage(files, image.absolutePath);
    const imagePath = join(dataset, 'images', image.split, `${image.imageId}${placement.extension}`);
    const labelPath = join(dataset, 'labels', image.split, `${image.imageId}.txt`);
    expected.add(imagePath).add(labelPath);
    await placeImage(files, placement, imagePath, writePng);
    if ((await readTextIfThere(files, labelPath)) !== image.labelText) {
      // Replaces a link instead of writing through it.
      await files.rm(labelPath, { force: true });
      await files.writeFile(labelPath, image.labelText, 'utf8');
    }
    done += 1;
    report({
      step: 'snapshot',
      message: `Copying the dataset: ${done} of ${images.length} images`,
      fraction: done / images.length,
    });
  });
  await removeOthers(files, dataset, expected);
  await writeAtomic(join(dataset, 'data.yaml'), await dataYaml(files, dataset, classNames), { fs: files });
}

function checkImages(images: readonly SnapshotImage[]): void {
  if (!images.some(({ split }) => split === 'train')) {
    throw new TrainingError(
      'dataset-invalid',
      'There is no labelled image to train on.',
      'Label some images of the training split first (an image with an empty label file counts as background).',
    );
  }
  const seen = new Set<number>();
  for (const { imageId, absolutePath } of images) {
    if (seen.has(imageId)) {
      throw new TrainingError('dataset-invalid', `Image ${imageId} is in the snapshot twice.`, 'Please report this.', {
        where: absolutePath,
      });
    }
    seen.add(imageId);
  }
}

/** Removes the files of an earlier attempt, and Ultralytics' label cache, which misses edits of equal length. */
async function removeOthers(files: FileOps, dataset: string, expected: ReadonlySet<string>): Promise<void> {
  for (const kind of ['images', 'labels']) {
    for (const split of splits) await removeUnexpected(files, join(dataset, kind, split), expected);
    const keep = new Set(splits.map((split) => join(dataset, kind, split)));
    await removeUnexpected(files, join(dataset, kind), keep);
  }
}

async function removeUnexpected(files: FileOps, folder: string, expected: ReadonlySet<string>): Promise<void> {
  for (const name of await files.readdir(folder)) {
    const path = join(folder, name);
    if (!expected.has(path)) await files.rm(path, { recursive: true, force: true });
  }
}

/** Puts strings in double quotes, because in YAML 1.1 `no`, `12:30` and `1_000` are not strings. */
async function dataYaml(files: FileOps, dataset: string, classNames: readonly string[]): Promise<string> {
  const text = stringify(
    {
      path: await files.realpath(dataset),
      train: 'images/train',
      val: 'images/val',
      names: new Map(classNames.map((name, id) => [id, name])),
    },
    { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 },
  );
  // Escape characters that PyYAML rejects or reads as line breaks. All strings that may contain them are in double quotes.
  return text.replaceAll(notPrintable, (char) => `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`);
}

const notPrintable = /[\u007F-\u009F\u2028\u2029\uFEFF\uFFFE\uFFFF]/gu;

/** After a failure, starts no further work, waits for current work and throws the first error. */
async function forEachParallel<Item>(items: readonly Item[], work: (item: Item) => Promise<void>): Promise<void> {
  const rest = items.values();
  let failed = false;
  const workers = Array.from({ length: parallel }, async () => {
    for (const item of rest) {
      if (failed) return;
      try {
        await work(item);
      } catch (error) {
        failed = true;
        throw error;
      }
    }
  });
  const outcomes = await Promise.allSettled(workers);
  for (const outcome of outcomes) if (outcome.status === 'rejected') throw outcome.reason;
}
