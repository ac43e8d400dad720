import type { ImageState } from '../../core/dataset/types.ts';
import { scoreImage } from '../../core/uncertainty/scoreImage.ts';
import { tell, type Engine, type Task } from '../engine.ts';
import { eachImage, ImageLocator } from '../images.ts';
import { loadModel } from '../modelFiles.ts';
import type { InferenceImage } from '../ports/inference.ts';
import type { ModelVersionRow, PredictionRow, SessionRow } from '../ports/store.ts';

/** Detections for scoring: candidates from 0.05 on, class-score vectors kept (DESIGN §6). */
const scoringOptions = {
  minConfidence: 0.05,
  iouThreshold: 0.7,
  maxDetections: 300,
  classScoresAbove: 0.05,
  embedding: false,
};
const writeChunk = 64;
/** The key of nothing. */
const noKeys = { inferenceKey: 0, scoringKey: 0 };

/** Images that may still be selected: unlabelled, readable, of no val or test split. */
export const poolStates: readonly ImageState[] = ['unlabelled', 'later'];

/** How many images may still be selected. */
export function poolSize(engine: Engine, session: SessionRow): Promise<number> {
  return engine.store.images.count({ datasetId: session.datasetId, states: poolStates, splits: ['train', 'pool'] });
}

export interface ScoringReport {
  readonly scored: number;
  readonly alreadyScored: number;
  readonly failed: number;
  readonly seconds: number;
}

/**
 * Step 4: predicts and scores every image of the pool. What this version scored before, on the same image
 * content, is not scored again, so a stopped scoring goes on where it was.
 */
export async function scorePool(
  engine: Engine,
  session: SessionRow,
  version: ModelVersionRow,
  task: Task,
): Promise<ScoringReport> {
  const model = await loadModel(engine, version);
  const locator = await ImageLocator.of(engine, session.datasetId);
  const filter = { datasetId: session.datasetId, states: poolStates, splits: ['train', 'pool'] as const };
  const total = await poolSize(engine, session);
  const done = new Set(await engine.store.predictions.scoredImageIds(version.id));
  const hashes = new Map<number, string>();
  let alreadyScored = 0;
  async function* wanted(): AsyncGenerator<InferenceImage> {
    for await (const image of eachImage(engine, filter)) {
      if (done.has(image.id)) {
        alreadyScored++;
        continue;
      }
      hashes.set(image.id, image.contentHash ?? '');
      yield { imageId: image.id, absolutePath: locator.path(image) };
    }
  }

  const start = engine.system.clock.monotonic();
  const options = { ...scoringOptions, imageSize: session.imageSize, workers: engine.system.threads };
  let rows: PredictionRow[] = [];
  let scored = 0;
  let failed = 0;
  const flush = async (): Promise<void> => {
    const batch = rows;
    rows = [];
    if (batch.length > 0) await engine.store.predictions.put(version.id, batch);
    tell(
      task,
      'score',
      `Scored ${alreadyScored + scored} of ${total} images`,
      (alreadyScored + scored) / Math.max(1, total),
    );
  };
  try {
    for await (const result of engine.inference.predict(model, wanted(), options, task.signal)) {
      const contentHash = hashes.get(result.imageId) ?? '';
      hashes.delete(result.imageId);
      scored++;
      if (result.ok) {
        const { detections, bestScore } = result;
        const { scores } = scoreImage(
          { detections, bestScore, classCount: model.info.names.length, head: model.info.head },
          { aggregation: session.aggregation, weights: session.uncertaintyWeights },
        );
        rows.push({ imageId: result.imageId, contentHash, detections, bestScore, scores, error: null, ...noKeys });
      } else {
        failed++;
        tell(task, 'score', result.message);
        rows.push({
          imageId: result.imageId,
          contentHash,
          detections: [],
          bestScore: 0,
          scores: {},
          error: result.message,
          ...noKeys,
        });
      }
      if (rows.length >= writeChunk) await flush();
    }
  } finally {
    // What was computed is kept, also when the person stops the scoring.
    await flush();
  }
  return { scored, alreadyScored, failed, seconds: (engine.system.clock.monotonic() - start) / 1000 };
}
