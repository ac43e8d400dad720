import { boxesOf, parseLabelFile } from '../../core/dataset/labelFile.ts';
import { labelPathOf } from '../../core/dataset/labelPaths.ts';
import type { ImageFacts } from '../../core/dataset/datasetFacts.ts';
import { summarizeDataset } from '../../core/dataset/summary.ts';
import { trainingLabelsOf } from '../../core/dataset/trainingLabels.ts';
import { ProblemList } from '../../core/dataset/problemList.ts';
import type { DatasetSource, DatasetSummary } from '../../core/dataset/types.ts';
import { countProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import { throwIfCancelled } from '../shared/errors.ts';
import { mapLimit } from '../../core/concurrency.ts';
import type { DatasetListing, ListedImage } from '../ports/datasetFiles.ts';
import { readLabel } from './readLabel.ts';

const chunkSize = 200;
const parallelReads = 8;

/**
 * Decodes every image and checks every label row of a dataset, and returns counts and problems. Stores and changes
 * nothing.
 * @throws DatasetError if the description itself is unusable.
 */
export async function validateDataset(
  ports: Pick<Ports, 'datasetFiles' | 'labels'>,
  source: DatasetSource,
  options: RunOptions = {},
): Promise<DatasetSummary> {
  const listing = await ports.datasetFiles.list(source, options.signal);
  const problems = new ProblemList(listing.problems);
  const images: ImageFacts[] = [];
  const { length } = listing.images;
  const counted = countProgress(options, 'validate', (done) => `Checked ${done} of ${length} images`, length);
  for (let start = 0; start < length; start += chunkSize) {
    await mapLimit(listing.images.slice(start, start + chunkSize), parallelReads, async (image) => {
      throwIfCancelled(options.signal);
      images.push(await inspectImage(ports, listing, image, problems, options));
      counted();
    });
  }
  const { classNames, hasValidationSplit } = listing;
  return summarizeDataset({ classNames, hasValidationSplit, images, problems: problems.list() });
}

async function inspectImage(
  ports: Pick<Ports, 'datasetFiles' | 'labels'>,
  listing: DatasetListing,
  image: ListedImage,
  problems: ProblemList,
  options: RunOptions,
): Promise<ImageFacts> {
  const probe = await ports.datasetFiles.probe(image.absolutePath, options.signal);
  problems.add(...(probe.ok ? probe.warnings : [probe.problem]));
  const location = { rootPath: listing.roots[image.root]?.path ?? '', relativePath: image.relativePath };
  const seen = await readLabel(ports.labels, location);
  if (seen.problem) problems.add(seen.problem);
  const facts = {
    split: image.split,
    broken: !probe.ok || seen.problem !== null,
    contentHash: probe.contentHash,
    perceptualHash: probe.ok ? probe.perceptualHash : null,
    file: image.absolutePath,
  };
  const { label } = seen;
  if (label === null) return { ...facts, classIds: null };
  const file = labelPathOf(image.absolutePath);
  const parsed = parseLabelFile(label.text, { classCount: listing.classNames.length });
  problems.add(...parsed.problems.map((problem) => ({ ...problem, file })));
  const { trainable } = trainingLabelsOf(parsed);
  return { ...facts, classIds: boxesOf(parsed).map(({ classId }) => classId), unusableLabels: !trainable };
}
