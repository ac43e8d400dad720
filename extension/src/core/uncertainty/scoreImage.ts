import { UncertaintyError } from './errors.ts';
import { NOTHING_FOUND, type ImageEvidence, type UncertaintyScore, type ScoreOptions } from './uncertaintyScore.ts';
import { builtInScores } from './registry.ts';

/** A metric that has no honest value for an image. */
export interface WithheldScore {
  readonly id: string;
  /** In plain words. */
  readonly reason: string;
}

export interface ImageScores {
  /** Score by metric id, 0…1, higher is more uncertain. */
  readonly scores: Readonly<Record<string, number>>;
  /** The metrics that are no keys of `scores`. */
  readonly withoutScore: readonly WithheldScore[];
}

/**
 * All scores of one image.
 * @throws UncertaintyError `metric-out-of-range` when a metric returns no number from 0 to 1; `where` is its id.
 */
export function scoreImage(
  evidence: ImageEvidence,
  options: ScoreOptions,
  metrics: readonly UncertaintyScore[] = builtInScores,
): ImageScores {
  const scores: Record<string, number> = {};
  const withoutScore: WithheldScore[] = [];
  const empty = evidence.detections.length === 0;
  for (const metric of metrics) {
    const score = metric.compute(evidence, options);
    if (score === null) {
      const reason = empty ? NOTHING_FOUND : (metric.whyNot?.(evidence, options) ?? 'it has no value for this image');
      withoutScore.push({ id: metric.id, reason });
    } else if (score >= 0 && score <= 1) {
      scores[metric.id] = score;
    } else {
      throw new UncertaintyError(
        'metric-out-of-range',
        `The metric "${metric.id}" returned ${score}; a score lies between 0 and 1.`,
        'Correct the metric, or switch it off.',
        { where: metric.id },
      );
    }
  }
  return { scores, withoutScore };
}
