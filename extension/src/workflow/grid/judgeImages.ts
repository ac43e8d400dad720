import { toLabelBox } from '../../core/detection/labelBoxes.ts';
import { defaultThresholds } from '../../core/detection/shownThresholds.ts';
import type { Verdict } from '../../core/session/types.ts';
import { poolFilter } from '../dataset/pool.ts';
import type { Ports, RunOptions } from '../ports/ports.ts';
import { judgeMany, type Choice, type LeftOut, type ManyVerdicts } from '../review/manyVerdicts.ts';
import { requireImageSize, shownDetections } from '../review/verdictOutcome.ts';
import type { GridContext } from './gridContext.ts';

/** A verdict that one action can give to many images: each gets its own shown boxes. */
export type SharedVerdict = Exclude<Verdict, 'corrected' | 'skipped'>;

/**
 * Gives a verdict to images without one: to samples of the open batch as the review does, to other images of the pool as
 * a review of listed images does. What a person decided before stays. One undo takes all back (`reverseGroup`).
 * @param options cancelling stops before the next image; the verdicts so far stand.
 */
export async function judgeImages(
  ports: Ports,
  context: GridContext,
  imageIds: readonly number[],
  verdict: SharedVerdict,
  options: RunOptions = {},
): Promise<ManyVerdicts> {
  const samples = new Map(context.isOpen ? context.batch.map((sample) => [sample.imageId, sample.id]) : []);
  const pool = new Set(await ports.store.images.ids({ ...poolFilter(context.session.datasetId), ids: imageIds }));
  const withoutChoice: LeftOut[] = [];
  async function* choices(): AsyncGenerator<Choice> {
    for (const imageId of imageIds) {
      const sampleId = samples.get(imageId);
      const choice =
        sampleId === undefined
          ? await choiceOf(ports, context, imageId, pool.has(imageId), verdict)
          : { sampleId, decision: { verdict } };
      if (typeof choice === 'string') withoutChoice.push(choice);
      else yield choice;
    }
  }
  const outcome = await judgeMany(ports, context.session.id, choices(), imageIds.length, options);
  const leftOut: Partial<Record<LeftOut, number>> = { ...outcome.leftOut };
  for (const reason of withoutChoice) leftOut[reason] = (leftOut[reason] ?? 0) + 1;
  return { ...outcome, leftOut };
}

/** The decision about an image that is no sample of the open batch, or why there is none. */
async function choiceOf(
  ports: Pick<Ports, 'store'>,
  { version }: GridContext,
  imageId: number,
  isInPool: boolean,
  verdict: SharedVerdict,
): Promise<Choice | LeftOut> {
  const image = await ports.store.images.get(imageId);
  if (image?.state === 'labelled') return 'judged';
  // Labels of a validation image must not follow the model.
  if (image === null || !isInPool) return 'not-open';
  if (verdict !== 'accepted') return { imageId, decision: { verdict } };
  const prediction = version === null ? null : await ports.store.predictions.get(version.id, imageId);
  const shown = shownDetections({ predictedBoxes: prediction?.detections ?? [] }, defaultThresholds);
  if (shown.length === 0) return 'no-boxes';
  const { width, height } = requireImageSize(image);
  // There is no sample whose boxes could be accepted: they are written like drawn ones.
  const boxes = shown.map(({ box, classId }) => toLabelBox(box, classId, width, height));
  return { imageId, decision: { verdict: 'corrected', boxes } };
}
