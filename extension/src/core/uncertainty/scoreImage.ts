import { UncertaintyError } from './errors.ts';
import type { ImageEvidence, Metric, MetricOptions } from './metric.ts';
import { builtInMetrics } from './registry.ts';

export interface ImageScores {
  /** Score by metric id, 0…1, higher is more uncertain. */
  readonly scores: Readonly<Record<string, number>>;
  /** Ids of the metrics that have no honest value for this image; they are no keys of `scores`. */
  readonly withoutScore: readonly string[];
}

/**
 * All scores of one image.
 * @throws UncertaintyError `metric-out-of-range` when a metric returns no number from 0 to 1; `where` is its id.
 */
export function scoreImage(
  evidence: ImageEvidence,
  options: MetricOptions,
  metrics: readonly Metric[] = builtInMetrics,
): ImageScores {
  const scores: Record<string, number> = {};
  const withoutScore: string[] = [];
  for (const metric of metrics) {
    const score = metric.compute(evidence, options);
    if (score === null) {
      withoutScore.push(metric.id);
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
