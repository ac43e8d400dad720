import { boxesOf, parseLabelFile } from '../../core/dataset/labelFile.ts';
import type { LabelBox } from '../../core/dataset/types.ts';
import { toLabelBox } from '../../core/detection/labelBoxes.ts';
import { defaultThresholds } from '../../core/detection/shownThresholds.ts';
import type { Detection } from '../../core/detection/types.ts';
import type { Verdict } from '../../core/session/types.ts';
import { ImageLocator } from '../dataset/images.ts';
import { readLabel } from '../dataset/readLabel.ts';
import type { Ports } from '../ports/ports.ts';
import type { ImageRow } from '../ports/store/images.ts';
import { shownDetections } from '../review/verdictOutcome.ts';
import type { GridContext } from './gridContext.ts';

/** A box on a thumbnail; a label has no confidence. */
export interface GridBox extends LabelBox {
  readonly confidence: number | null;
}

/** An image of a grid. */
export interface GridRow {
  readonly image: ImageRow;
  /** Absolute path. */
  readonly path: string;
  /** Its sample in the newest batch. */
  readonly sampleId: number | null;
  /** Its newest verdict in the session. */
  readonly verdict: Verdict | null;
  /** Whether nothing was predicted on it. */
  readonly unpredicted: boolean;
  /** Its labels if it is labelled, otherwise the predictions that a review would show. */
  readonly boxes: readonly GridBox[];
}

/** Describes images for a grid, in their order. Those that are no longer in the dataset are left out. */
export async function gridRows(
  ports: Pick<Ports, 'store' | 'labels'>,
  context: GridContext,
  imageIds: readonly number[],
): Promise<GridRow[]> {
  const { session, dataset, iteration, thresholds, version, verdicts } = context;
  const { store } = ports;
  const rows = await store.images.find({ datasetId: session.datasetId, ids: imageIds });
  const images = new Map(rows.map((image) => [image.id, image]));
  const locator = await ImageLocator.of(ports, session.datasetId);
  const samples = iteration === null ? [] : await store.samples.list(iteration.id, imageIds);
  const sampleOf = new Map(samples.map((sample) => [sample.imageId, sample]));
  const predictions = version === null ? [] : await store.predictions.shown(version.id, imageIds);
  const predicted = new Map(predictions.map(({ imageId, detections }) => [imageId, detections]));
  const found: GridRow[] = [];
  for (const id of imageIds) {
    const image = images.get(id);
    if (image === undefined) continue;
    const sample = sampleOf.get(id);
    const shown =
      sample === undefined
        ? shownDetections({ predictedBoxes: predicted.get(id) ?? [] }, defaultThresholds)
        : shownDetections(sample, thresholds);
    const labels = image.state === 'labelled' ? (await readLabel(ports.labels, locator.locate(image))).label : null;
    const boxes =
      labels === null
        ? predictedBoxes(shown, image)
        : boxesOf(parseLabelFile(labels.text, { classCount: dataset.classNames.length })).map(
            ({ classId, cx, cy, width, height }) => ({ classId, cx, cy, width, height, confidence: null }),
          );
    found.push({
      image,
      path: locator.path(image),
      sampleId: sample?.id ?? null,
      verdict: verdicts.get(id) ?? null,
      unpredicted: (sample?.predictedBoxes ?? predicted.get(id) ?? []).length === 0,
      boxes,
    });
  }
  return found;
}

function predictedBoxes(detections: readonly Detection[], { width, height }: ImageRow): GridBox[] {
  if (width === null || height === null) return [];
  return detections.map(({ box, classId, confidence }) => ({
    ...toLabelBox(box, classId, width, height),
    confidence,
  }));
}
