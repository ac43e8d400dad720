import { classDifficulty } from './classDifficulty.ts';
import { classEntropy } from './classEntropy.ts';
import { combined } from './combined.ts';
import { confidence } from './confidence.ts';
import { decisionEntropy } from './decisionEntropy.ts';
import { entropy } from './entropy.ts';
import { UncertaintyError } from './errors.ts';
import { flip } from './flip.ts';
import { localisation } from './localisation.ts';
import { margin } from './margin.ts';
import type { Metric } from './metric.ts';
import { variance } from './variance.ts';

/** Every metric the product brings along, in the order they are shown. A new one is a file and a line here. */
export const builtInMetrics: readonly Metric[] = [
  confidence,
  entropy,
  variance,
  combined,
  decisionEntropy,
  margin,
  classEntropy,
  flip,
  localisation,
  classDifficulty,
];

/**
 * The built-in metrics and further ones.
 * @throws UncertaintyError `duplicate-metric` when an id is taken.
 */
export function withMetrics(further: readonly Metric[]): readonly Metric[] {
  const metrics = [...builtInMetrics];
  for (const metric of further) {
    if (metrics.some(({ id }) => id === metric.id)) {
      throw new UncertaintyError(
        'duplicate-metric',
        `There is already a metric with the id "${metric.id}".`,
        'Give the metric another id.',
        { where: metric.id },
      );
    }
    metrics.push(metric);
  }
  return metrics;
}

/** @throws UncertaintyError `unknown-metric`. */
export function metricById(id: string, metrics: readonly Metric[] = builtInMetrics): Metric {
  const metric = metrics.find((candidate) => candidate.id === id);
  if (metric !== undefined) return metric;
  throw new UncertaintyError(
    'unknown-metric',
    `There is no metric "${id}".`,
    `Choose one of: ${metrics.map((candidate) => candidate.id).join(', ')}.`,
    { where: id },
  );
}
