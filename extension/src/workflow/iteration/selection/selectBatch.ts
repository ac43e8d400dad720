import type { Detection } from '../../../core/detection/types.ts';
import type { ChosenImage, SelectionResult } from '../../../core/selection/strategy.ts';
import type { Ports, RunOptions } from '../../ports/ports.ts';
import { loadModel } from '../../models/modelFiles.ts';
import type { IterationRow } from '../../ports/store/iterations.ts';
import type { ModelVersionRow } from '../../ports/store/models.ts';
import type { NewSample } from '../../ports/store/samples.ts';
import type { PredictionRow } from '../../ports/store/predictions.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import { blindImages } from './blindImages.ts';
import { mirroredDetections } from './mirroredDetections.ts';
import { fitBatchThresholds } from './fitBatchThresholds.ts';
import { allOrAbort } from '../../shared/allOrAbort.ts';
import { compareImages } from './compareImages.ts';
import { proposedBoxes, type ProposedBoxes } from './proposedBoxes.ts';
import { explainPrediction, scoreOptionsOf } from '../scoring/scoringPlan.ts';
import { selectionFacts, selectionInput } from './selectionInput.ts';

/** A stored batch. */
export interface SelectedBatch {
  readonly size: number;
  /** Notes for the user about the batch. */
  readonly notes: readonly string[];
  /** Images that were drawn from the whole pool with equal probability. */
  readonly randomSlice: readonly number[];
}

/**
 * Step 5: selects the batch with the session's strategy and stores it in queue order, each sample with its scores,
 * boxes and reasons. Without a model (iteration 0), it selects the most typical images.
 * @returns an empty batch if the pool is exhausted.
 * @throws SelectionError, including `cancelled`; errors of reading and inference.
 */
export async function selectBatch(
  ports: Ports,
  session: SessionRow,
  iteration: IterationRow,
  version: ModelVersionRow | null,
  options: RunOptions = {},
): Promise<SelectedBatch> {
  const [facts, comparison] = await allOrAbort(
    options,
    (part) => selectionFacts(ports, session, iteration, version, part),
    (part) => compareImages(ports, session, version, part),
  );
  const { request, notes } = selectionInput(session, iteration, facts, comparison);
  const result = await ports.selector.select(request, options.signal);
  // Without vectors, the base weights cannot be run, or the strategy must do without them.
  const proposed =
    version === null && comparison.vectors !== null
      ? await proposedBoxes(
          ports,
          session,
          result.chosen.map(({ imageId }) => imageId),
          facts.classNames,
          options,
        )
      : null;
  const slice = result.chosen.filter(({ part }) => part === 'random-slice').map(({ imageId }) => imageId);
  const others = result.chosen.filter(({ part }) => part !== 'random-slice').map(({ imageId }) => imageId);
  const blind = await blindImages(ports, session, iteration, { slice, others });
  const samples =
    version === null
      ? result.chosen.map((image, rank) => firstSample(image, rank, proposed))
      : await toSamples(ports, session, version, result, facts.classNames, options);
  // Before the batch: once it is there, its thresholds do not change.
  await ports.store.iterations.update(iteration.id, {
    shownThresholds: await fitBatchThresholds(ports, session, iteration),
  });
  await ports.store.samples.replaceBatch(
    iteration.id,
    samples.map((sample, place) => {
      const image = result.chosen[place];
      return image !== undefined && blind.has(sample.imageId) ? blindSample(image, sample.rank) : sample;
    }),
  );
  return {
    size: result.chosen.length,
    notes: [...notes, ...result.notes, ...(proposed?.note == null ? [] : [proposed.note])],
    randomSlice: slice,
  };
}

async function toSamples(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow,
  { chosen }: SelectionResult,
  classNames: readonly string[],
  options: RunOptions,
): Promise<NewSample[]> {
  if (chosen.length === 0) return [];
  const ids = chosen.map(({ imageId }) => imageId);
  const rows = await ports.store.predictions.list(version.id, ids);
  const predictions = new Map(rows.map((row) => [row.imageId, row]));
  const model = await loadModel(ports, version);
  const { head } = model.info;
  const averaged = await mirroredDetections(ports, session, model, rows, options);
  const scoreOptions = scoreOptionsOf(session, version);
  return chosen.map((image, rank) => {
    const sample = bareSample(image, rank);
    const prediction = predictions.get(image.imageId);
    if (prediction === undefined) return sample;
    const { reasons, withheldScores } = explainPrediction(prediction, head, classNames, scoreOptions);
    return {
      ...sample,
      ...predictionColumns(prediction, averaged),
      reasons: [...image.reasons, ...reasons],
      withheldScores,
    };
  });
}

/** A sample of a first batch: without scores, since the weights that propose its boxes were trained on other data. */
function firstSample(image: ChosenImage, rank: number, proposed: ProposedBoxes | null): NewSample {
  const sample = bareSample(image, rank);
  const boxes = proposed?.byImage.get(image.imageId);
  if (proposed === null || boxes === undefined) return sample;
  return { ...sample, ...boxColumns(boxes), reasons: [...image.reasons, proposed.reason] };
}

/** Without anything that the model thinks of the image: neither boxes nor scores nor reasons that follow from them. */
function blindSample(image: ChosenImage, rank: number): NewSample {
  return { ...bareSample(image, rank), blind: true };
}

function bareSample({ imageId, reasons }: ChosenImage, rank: number): NewSample {
  return {
    imageId,
    rank,
    reasons,
    uncertaintyScore: null,
    confidenceVariance: null,
    entropyScore: null,
    combinedScore: null,
    scores: {},
    predictedBoxes: [],
    maxConfidence: null,
    minConfidence: null,
  };
}

function predictionColumns(
  { imageId, scores, detections: plain }: PredictionRow,
  averaged: ReadonlyMap<number, readonly Detection[]>,
): Partial<NewSample> {
  const detections = averaged.get(imageId) ?? plain;
  return {
    uncertaintyScore: scores['confidence'] ?? null,
    confidenceVariance: scores['variance'] ?? null,
    entropyScore: scores['entropy'] ?? null,
    combinedScore: scores['combined'] ?? null,
    scores,
    ...boxColumns(detections),
  };
}

function boxColumns(
  detections: readonly Detection[],
): Pick<NewSample, 'predictedBoxes' | 'maxConfidence' | 'minConfidence'> {
  const confidences = detections.map((detection) => detection.confidence);
  return {
    predictedBoxes: detections,
    maxConfidence: confidences.length > 0 ? Math.max(...confidences) : null,
    minConfidence: confidences.length > 0 ? Math.min(...confidences) : null,
  };
}
