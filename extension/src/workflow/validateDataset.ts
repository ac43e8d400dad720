import { boxesOf, parseLabelFile } from '../core/dataset/labelFile.ts';
import { labelPathOf } from '../core/dataset/labelPaths.ts';
import type { ImageFacts } from '../core/dataset/datasetFacts.ts';
import { summarizeDataset } from '../core/dataset/summary.ts';
import { toTrainingLabelText } from '../core/dataset/trainingLabels.ts';
import type { DatasetProblem, DatasetSource, DatasetSummary } from '../core/dataset/types.ts';
import { tell, type Engine, type Task } from './engine.ts';
import { throwIfCancelled } from './errors.ts';
import { inParallel } from './inParallel.ts';
import type { DatasetListing, ListedImage } from './ports/datasetFiles.ts';

const parallelReads = 4;

/**
 * Reads a whole dataset, every image decoded and every label row checked, and says what is there and what is wrong.
 * Nothing is stored and nothing is changed.
 * @throws DatasetError when the description itself cannot be used.
 */
export async function validateDataset(
  engine: Pick<Engine, 'datasetFiles' | 'labels'>,
  source: DatasetSource,
  task: Task = {},
): Promise<DatasetSummary> {
  const listing = await engine.datasetFiles.list(source);
  const problems: DatasetProblem[] = [...listing.problems];
  const images: ImageFacts[] = [];
  await inParallel(listing.images, parallelReads, async (image) => {
    throwIfCancelled(task.signal);
    images.push(await inspect(engine, listing, image, problems));
    tell(
      task,
      'validate',
      `Checked ${images.length} of ${listing.images.length} images`,
      images.length / listing.images.length,
    );
  });
  const { classNames, hasValidationSplit } = listing;
  return summarizeDataset({ classNames, hasValidationSplit, images, problems });
}

async function inspect(
  engine: Pick<Engine, 'datasetFiles' | 'labels'>,
  listing: DatasetListing,
  image: ListedImage,
  problems: DatasetProblem[],
): Promise<ImageFacts> {
  const probe = await engine.datasetFiles.probe(image.absolutePath);
  problems.push(...(probe.ok ? probe.warnings : [probe.problem]));
  const location = { rootPath: listing.roots[image.root]?.path ?? '', relativePath: image.relativePath };
  const label = await engine.labels.read(location);
  const facts = {
    split: image.split,
    broken: !probe.ok,
    contentHash: probe.contentHash,
    perceptualHash: probe.ok ? probe.perceptualHash : null,
    file: image.absolutePath,
  };
  if (label === null) return { ...facts, boxes: null };
  const file = labelPathOf(image.absolutePath);
  const parsed = parseLabelFile(label.text, { classCount: listing.classNames.length });
  problems.push(...parsed.problems.map((problem) => ({ ...problem, file })));
  const { trainable } = toTrainingLabelText(label.text, listing.classNames.length);
  return { ...facts, boxes: boxesOf(parsed), unusableLabels: !trainable };
}
