import type { Random } from '../random.ts';
import type { EmbeddingMatrix, LabelledSet } from './embeddings.ts';
import { SelectionError } from './errors.ts';

/** One image that may be chosen. */
export interface Candidate {
  readonly imageId: number;
  /** Score by metric id, 0…1; a metric without an honest value for the image is no key. */
  readonly scores: Readonly<Record<string, number>>;
  /** Whether the model found anything with a confidence of 0.05 or more. */
  readonly hasDetections: boolean;
  /** Best score of any box, also below 0.05. */
  readonly bestScore: number;
  /** Expected objects by class id: the sum of the boxes' scores of a class. Absent without a model. */
  readonly expectedByClass?: readonly number[];
}

export interface SelectionContext {
  /** Images to choose, at least 1. */
  readonly batchSize: number;
  /** Scores below are not worth a person's time, 0…1. */
  readonly minUncertainty: number;
  /** Seeded: the same seed and pool give the same batch. */
  readonly random: Random;
  /** Id of the metric that ranks. Default `combined`. */
  readonly scoreName?: string;
  /** Part of the batch for images without detections, 0…1. Default 0.1. */
  readonly zeroDetectionShare?: number;
  /** Vectors of candidates and labelled images. Absent where no model could compute them. */
  readonly embeddings?: EmbeddingMatrix;
  readonly labelled?: LabelledSet;
  /** Image ids that look alike, each list one group; at most one of a group is worth labelling. */
  readonly nearDuplicates?: readonly (readonly number[])[];
}

export interface ChosenImage {
  readonly imageId: number;
  /** Why the strategy took it, in plain words. What is in the image is told by `explain` (core/uncertainty). */
  readonly reasons: readonly string[];
}

export interface SelectionResult {
  /** In the order of the review queue; fewer than the batch size only when the pool is smaller. */
  readonly chosen: readonly ChosenImage[];
  /** Sentences for the user about the whole batch. */
  readonly notes: readonly string[];
}

/** A way to choose a batch. A new one is one file, and one line in the registry. */
export interface Strategy {
  /** Stored with the session; never changed once released. */
  readonly id: string;
  readonly title: string;
  /** What it is good for, for a person who chooses among strategies. */
  readonly description: string;
  /** Whether candidates must have been scored by a model; otherwise it serves the cold start as well. */
  readonly needsScores: boolean;
  /**
   * The result depends on the candidates and the seed alone, not on the candidates' order.
   * @throws SelectionError `duplicate-candidate`, `context-invalid`.
   */
  readonly select: (candidates: readonly Candidate[], context: SelectionContext) => SelectionResult;
}

/**
 * The candidates in an order that does not depend on the one given: ascending by image id.
 * @throws SelectionError `duplicate-candidate`, `context-invalid`.
 */
export function inStableOrder(candidates: readonly Candidate[], context: SelectionContext): Candidate[] {
  const { batchSize, zeroDetectionShare = 0, minUncertainty } = context;
  if (!(Number.isInteger(batchSize) && batchSize > 0)) {
    throw invalid(`The batch size is ${batchSize}; it must be a whole number above 0.`);
  }
  if (!(zeroDetectionShare >= 0 && zeroDetectionShare <= 1)) {
    throw invalid(`The share of images without detections is ${zeroDetectionShare}; it lies between 0 and 1.`);
  }
  if (!(minUncertainty >= 0 && minUncertainty <= 1)) {
    throw invalid(`The minimum uncertainty is ${minUncertainty}; it lies between 0 and 1.`);
  }
  const sorted = candidates.toSorted((a, b) => a.imageId - b.imageId);
  for (let i = 1; i < sorted.length; i++) {
    const id = sorted[i]?.imageId;
    if (id !== sorted[i - 1]?.imageId) continue;
    throw new SelectionError(
      'duplicate-candidate',
      `Image ${id} is twice among the candidates.`,
      'Please report this with the log.',
    );
  }
  return sorted;
}

/** What to say when the pool cannot fill a batch. */
export function shortPoolNote(poolSize: number, batchSize: number): string[] {
  if (poolSize >= batchSize) return [];
  const left = poolSize === 1 ? 'Only 1 image was' : `Only ${poolSize} images were`;
  return [`${left} left in the pool; the batch should have had ${batchSize}.`];
}

function invalid(message: string): SelectionError {
  return new SelectionError('context-invalid', message, 'Change the setting of the session.');
}
