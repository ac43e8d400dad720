// Made-up predictions: as many boxes, classes and scores as a detector of twenty classes gives on a mixed pool.
import { createRandom } from '../../extension/src/core/random.ts';
import type { PredictionRow } from '../../extension/src/workflow/ports/store/predictions.ts';

export const classes = 20;
export const metrics = [
  'confidence',
  'entropy',
  'variance',
  'combined',
  'decision-entropy',
  'margin',
  'localisation-entropy',
  'class-difficulty',
];

/** The prediction of image `imageId`, always the same one. */
export function predictionOf(imageId: number): PredictionRow {
  const random = createRandom(imageId);
  const detections = Array.from({ length: Math.floor(random() * random() * 16) }, () => {
    const classId = Math.floor(random() * classes);
    const confidence = Math.fround(0.05 + random() * 0.9);
    const [x1, y1] = [Math.fround(random() * 500), Math.fround(random() * 500)];
    const second = random() < 0.3;
    return {
      classId,
      confidence,
      box: { x1, y1, x2: Math.fround(x1 + 10 + random() * 130), y2: Math.fround(y1 + 10 + random() * 130) },
      classScores: {
        classIds: second ? [classId, classId + 1] : [classId],
        scores: second ? [confidence, Math.fround(0.05 + random() * 0.1)] : [confidence],
      },
    };
  });
  return {
    imageId,
    contentHash: contentHashOf(imageId),
    detections,
    bestScore: Math.max(Math.fround(random() * 0.05), ...detections.map(({ confidence }) => confidence)),
    scores: Object.fromEntries(metrics.map((name) => [name, random()])),
    error: null,
    inferenceKey: 2 ** 40,
    scoringKey: 2 ** 41,
  };
}

export function contentHashOf(imageId: number): string {
  return imageId.toString(16).padStart(64, '5');
}
