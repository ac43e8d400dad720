import { boxesOf, parseLabelFile } from '../../core/dataset/labelFile.ts';
import { toPixelBox } from '../../core/detection/labelBoxes.ts';
import type { EvaluationImage } from '../../core/evaluation/evaluate.ts';
import type { GroundTruthBox } from '../../core/evaluation/matching.ts';
import type { Ports } from '../ports/ports.ts';
import type { ValidationRevision } from '../ports/store/datasets.ts';
import type { ImageRow } from '../ports/store/images.ts';
import { requireRow } from '../shared/errors.ts';
import { ImageLocator } from './images.ts';
import { readLabel } from './readLabel.ts';

/** An image with its labels. */
export interface GroundTruthImage {
  readonly imageId: number;
  readonly contentHash: string | null;
  /** Absolute path. */
  readonly path: string;
  readonly truth: EvaluationImage['truth'];
}

/** Reads the images of a revision with their labels. Leaves out images of unknown size and images with an unreadable label. */
export async function readGroundTruth(
  ports: Pick<Ports, 'store' | 'labels'>,
  datasetId: number,
  revision: ValidationRevision,
): Promise<GroundTruthImage[]> {
  const ids = revision.members.map((member) => member.imageId);
  return readTruth(ports, datasetId, await ports.store.images.find({ datasetId, ids }));
}

/** Reads the labels of images. Leaves out the same images as `readGroundTruth`. */
export async function readTruth(
  ports: Pick<Ports, 'store' | 'labels'>,
  datasetId: number,
  images: readonly ImageRow[],
): Promise<GroundTruthImage[]> {
  const locator = await ImageLocator.of(ports, datasetId);
  const { classNames } = requireRow(await ports.store.datasets.get(datasetId), 'dataset', datasetId);
  const result: GroundTruthImage[] = [];
  for (const image of images) {
    const read = await readPixelBoxes(ports.labels, locator, image, classNames.length);
    if (read === null) continue;
    result.push({
      imageId: image.id,
      contentHash: image.contentHash,
      path: locator.path(image),
      truth: read.boxes,
    });
  }
  return result;
}

/**
 * Reads the boxes of an image's label file, in pixels of the image; none without a file.
 * @returns null if the size of the image is unknown or its label unreadable.
 */
export async function readPixelBoxes(
  labels: Ports['labels'],
  locator: ImageLocator,
  image: ImageRow,
  classCount: number,
): Promise<{ readonly boxes: readonly GroundTruthBox[]; readonly hasFile: boolean } | null> {
  const { width, height } = image;
  if (width === null || height === null) return null;
  const { label, problem } = await readLabel(labels, locator.locate(image));
  if (problem) return null;
  const boxes = boxesOf(parseLabelFile(label?.text ?? '', { classCount }));
  return {
    boxes: boxes.map((box) => ({ classId: box.classId, box: toPixelBox(box, width, height) })),
    hasFile: label !== null,
  };
}
