import { iou } from '../../../core/detection/iou.ts';
import { surerPredictions } from '../../../core/detection/sameObject.ts';
import { thresholdOf, type ShownThresholds } from '../../../core/detection/shownThresholds.ts';
import { fitThresholds, type JudgedPrediction, type ReviewedImage } from '../../../core/evaluation/fitThresholds.ts';
import type { GroundTruthBox } from '../../../core/evaluation/matching.ts';
import type { Verdict } from '../../../core/session/types.ts';
import { mapLimit } from '../../../core/concurrency.ts';
import { ImageLocator } from '../../dataset/images.ts';
import { readPixelBoxes } from '../../dataset/groundTruth.ts';
import type { Ports } from '../../ports/ports.ts';
import type { IterationRow } from '../../ports/store/iterations.ts';
import type { SampleRow } from '../../ports/store/samples.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import { requireRow } from '../../shared/errors.ts';

/** Verdicts that say of each predicted box whether it is right. */
const judging: readonly (Verdict | null)[] = ['accepted', 'corrected', 'rejected-background'];
/** The newest reviewed images that count: older ones are of weaker models. */
const mostImages = 2000;
/** Label files read at once. */
const readers = 16;
/** Overlap from which on a saved box and a prediction are about one object. */
const sameBox = 0.5;

/**
 * The thresholds of a batch that is being selected, from the verdicts on earlier batches of the session: a prediction was
 * right if a saved box of its class overlaps it with an IoU of 0.5. They stay with the batch, so that page and command
 * line write the same boxes.
 */
export async function fitBatchThresholds(
  ports: Pick<Ports, 'labels' | 'store'>,
  session: SessionRow,
  iteration: IterationRow,
): Promise<ShownThresholds> {
  const reviewed: { sample: SampleRow; thresholds: ShownThresholds }[] = [];
  const earlier = (await ports.store.iterations.list(session.id)).filter(
    ({ iterationNumber }) => iterationNumber < iteration.iterationNumber,
  );
  for (const { id, iterationNumber, shownThresholds } of earlier.toReversed()) {
    if (reviewed.length >= mostImages) break;
    for (const sample of await ports.store.samples.list(id)) {
      // The boxes of a first batch are those of weights that were trained on other data.
      if (iterationNumber === 0 && sample.predictedBoxes.length > 0) continue;
      if (judging.includes(sample.verdict)) reviewed.push({ sample, thresholds: shownThresholds });
    }
  }
  const { classNames } = requireRow(await ports.store.datasets.get(session.datasetId), 'dataset', session.datasetId);
  const locator = await ImageLocator.of(ports, session.datasetId);
  const images = await mapLimit(reviewed.slice(0, mostImages), readers, async ({ sample, thresholds }) => {
    const image = await ports.store.images.get(sample.imageId);
    if (image === null || image.width === null || image.height === null) return null;
    if (sample.verdict === 'rejected-background') return judge(sample, [], thresholds);
    const read = await readPixelBoxes(ports.labels, locator, image, classNames.length);
    // Without a file, the person or another program took the labels away again.
    return read?.hasFile === true ? judge(sample, read.boxes, thresholds) : null;
  });
  return { ...fitThresholds(images.filter((image) => image !== null)), chosen: null };
}

/** Compares what was predicted on an image with what was saved. The surest prediction takes the box that it overlaps most. */
export function judge(
  sample: Pick<SampleRow, 'predictedBoxes' | 'reviewSeconds'>,
  saved: readonly GroundTruthBox[],
  thresholds: ShownThresholds,
): ReviewedImage {
  const free = new Set(saved);
  const surer = surerPredictions(sample.predictedBoxes);
  const predictions: JudgedPrediction[] = [];
  let shown = 0;
  let matched = 0;
  const surest = sample.predictedBoxes
    .filter((_, index) => surer[index] === null)
    .toSorted((a, b) => b.confidence - a.confidence);
  for (const { box, classId, confidence } of surest) {
    const [best] = [...free]
      .filter((one) => one.classId === classId && iou(one.box, box) >= sameBox)
      .toSorted((a, b) => iou(b.box, box) - iou(a.box, box));
    if (best !== undefined) free.delete(best);
    predictions.push({ classId, confidence, right: best !== undefined });
    if (confidence < thresholdOf(thresholds, classId)) continue;
    shown++;
    if (best !== undefined) matched++;
  }
  return { predictions, shown, drawn: saved.length - matched, seconds: sample.reviewSeconds };
}
