import { createRandom, seedFrom } from '../../core/random.ts';
import { strategyById } from '../../core/selection/registry.ts';
import type { Candidate, SelectionResult } from '../../core/selection/strategy.ts';
import { explain } from '../../core/uncertainty/reasons.ts';
import { type Engine } from '../engine.ts';
import { found } from '../errors.ts';
import { eachImage } from '../images.ts';
import type { IterationRow, ModelVersionRow, NewSample, PredictionRow, SessionRow } from '../ports/store.ts';
import { poolStates } from './scorePool.ts';

const page = 500;

/**
 * Step 5: chooses the batch with the session's strategy and stores it in queue order, every sample with its
 * scores, boxes and reasons. Without a model (iteration 0) images are drawn at random.
 * @returns the notes of the strategy; an empty batch means that the pool is exhausted.
 */
export async function selectBatch(
  engine: Engine,
  session: SessionRow,
  iteration: IterationRow,
  version: ModelVersionRow | null,
): Promise<{ readonly size: number; readonly notes: readonly string[] }> {
  const open = new Set(await engine.store.samples.openImageIds(session.datasetId));
  const own = await engine.store.samples.list(iteration.id);
  for (const sample of own) open.delete(sample.imageId);
  const candidates = version
    ? await scoredCandidates(engine, session, version, open)
    : await bareCandidates(engine, session, open);
  const strategy = strategyById(version ? session.strategy : 'random');
  const result = strategy.select(candidates, {
    batchSize: session.maxSamplesPerIteration,
    minUncertainty: session.minUncertainty,
    random: createRandom(seedFrom('select', session.seed, iteration.iterationNumber)),
  });
  await engine.store.samples.replaceBatch(iteration.id, await toSamples(engine, session, version, result));
  return { size: result.chosen.length, notes: result.notes };
}

async function bareCandidates(engine: Engine, session: SessionRow, open: ReadonlySet<number>): Promise<Candidate[]> {
  const candidates: Candidate[] = [];
  const filter = { datasetId: session.datasetId, states: poolStates, splits: ['train', 'pool'] as const };
  for await (const image of eachImage(engine, filter)) {
    if (!open.has(image.id)) candidates.push({ imageId: image.id, scores: {}, hasDetections: false, bestScore: 0 });
  }
  return candidates;
}

async function scoredCandidates(
  engine: Engine,
  session: SessionRow,
  version: ModelVersionRow,
  open: ReadonlySet<number>,
): Promise<Candidate[]> {
  const eligible = new Set((await bareCandidates(engine, session, open)).map((candidate) => candidate.imageId));
  const candidates: Candidate[] = [];
  for (let after = 0; ;) {
    const rows = await engine.store.predictions.page(version.id, after, page);
    for (const row of rows) {
      if (row.error !== null || !eligible.has(row.imageId)) continue;
      candidates.push({
        imageId: row.imageId,
        scores: row.scores,
        hasDetections: row.detections.length > 0,
        bestScore: row.bestScore,
      });
    }
    const last = rows.at(-1);
    if (!last || rows.length < page) return candidates;
    after = last.imageId;
  }
}

async function toSamples(
  engine: Engine,
  session: SessionRow,
  version: ModelVersionRow | null,
  result: SelectionResult,
): Promise<NewSample[]> {
  const dataset = found(await engine.store.datasets.get(session.datasetId), 'dataset', session.datasetId);
  const samples: NewSample[] = [];
  for (const [rank, chosen] of result.chosen.entries()) {
    const prediction = version ? await engine.store.predictions.get(version.id, chosen.imageId) : null;
    samples.push(toSample(rank, chosen, prediction, dataset.classNames));
  }
  return samples;
}

function toSample(
  rank: number,
  chosen: SelectionResult['chosen'][number],
  prediction: PredictionRow | null,
  classNames: readonly string[],
): NewSample {
  const scores = prediction?.scores ?? {};
  const confidences = prediction?.detections.map((detection) => detection.confidence) ?? [];
  return {
    imageId: chosen.imageId,
    rank,
    uncertaintyScore: scores['confidence'] ?? null,
    confidenceVariance: scores['variance'] ?? null,
    entropyScore: scores['entropy'] ?? null,
    combinedScore: scores['combined'] ?? null,
    scores,
    predictedBoxes: prediction?.detections ?? [],
    maxConfidence: confidences.length > 0 ? Math.max(...confidences) : null,
    minConfidence: confidences.length > 0 ? Math.min(...confidences) : null,
    reasons: [
      ...chosen.reasons,
      ...(prediction ? explain(prediction.detections, prediction.bestScore, classNames) : []),
    ],
  };
}
