import { UncertaintyError } from './errors.ts';
import { NOTHING_FOUND, type ImageEvidence, type UncertaintyScore, type ScoreOptions } from './uncertaintyScore.ts';
import { builtInScores } from './registry.ts';

/** A score without a valid value for an image. */
export interface WithheldScore {
  readonly id: string;
  /** The reason in plain words. */
  readonly reason: string;
}

export interface ImageScores {
  /** Values by score id, 0…1; higher is more uncertain. */
  readonly scores: Readonly<Record<string, number>>;
  /** The scores that are missing in `scores`. */
  readonly withoutScore: readonly WithheldScore[];
}

/**
 * Computes all scores of one image.
 * @throws UncertaintyError `metric-out-of-range` if a score is not a number from 0 to 1; `where` is its id.
 */
export function scoreImage(
  evidence: ImageEvidence,
  options: ScoreOptions,
  registered: readonly UncertaintyScore[] = builtInScores,
): ImageScores {
  const scores: Record<string, number> = {};
  const withoutScore: WithheldScore[] = [];
  const empty = evidence.detections.length === 0;
  for (const { id, compute, whyNot } of registered) {
    const score = compute(evidence, options);
    if (score === null) {
      const reason = empty ? NOTHING_FOUND : (whyNot?.(evidence, options) ?? 'it has no value for this image');
      withoutScore.push({ id, reason });
    } else if (score >= 0 && score <= 1) {
      scores[id] = score;
    } else {
      throw new UncertaintyError(
        'metric-out-of-range',
        `The score "${id}" returned ${score}; its values lie between 0 and 1.`,
        'Correct the score, or switch it off.',
        { where: id },
      );
    }
  }
  return { scores, withoutScore };
}
