import type { ModelVersionRow } from '../ports/store/models.ts';

/** The metrics of a model version on one validation revision, as stored in `performance_metrics`. */
export interface StoredMetrics extends Record<string, unknown> {
  readonly revisionId: number;
  readonly map50: number | null;
  readonly map5095: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  /** The confidence above which this version's boxes count as objects: best F1, shrunk towards 0.25. */
  readonly decisionThreshold: number;
  /** How well each class is detected over all its objects, by class id, 0…1; `null` for a class without objects. */
  readonly objectQualities: readonly (number | null)[];
}

/** The metrics of a version on that revision; null if it was not evaluated on it. */
export function storedMetrics(version: ModelVersionRow, revisionId: number): StoredMetrics | null {
  const metrics = version.performanceMetrics;
  return metrics['revisionId'] === revisionId && typeof metrics['map5095'] === 'number'
    ? (metrics as StoredMetrics)
    : null;
}
