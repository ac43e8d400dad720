import type { Random } from '../random.ts';
import type { CandidateTable } from './candidates.ts';
import type { EmbeddingMatrix, LabelledSet } from './embeddings.ts';
import type { VectorKernel } from './kernel.ts';

/** How images without detections are treated: a share of the batch, never selected, or always first. */
export const zeroDetectionPolicies = ['quota', 'ignore', 'first'] as const;
export type ZeroDetections = (typeof zeroDetectionPolicies)[number];

export interface SelectionContext {
  /** Images to choose, at least 1. */
  readonly batchSize: number;
  /** Scores below are not worth a person's time, 0…1. Only `uncertainty` minds it. */
  readonly minUncertainty: number;
  /** Seeded: the same seed and pool give the same batch. */
  readonly random: Random;
  /** Id of the metric that ranks. Default `combined`. */
  readonly scoreName?: string;
  /** Part of the batch that is drawn from the whole pool first, 0…1; by default what the strategy brings along. */
  readonly randomShare?: number;
  /** What becomes of images without detections in strategies that rank by a score. Default `quota`. */
  readonly zeroDetections?: ZeroDetections;
  /** The quota: part of the batch for images without detections, 0…1. Default 0.1. */
  readonly zeroDetectionShare?: number;
  /** Vectors of candidates and labelled images. Absent where no model could compute them. */
  readonly embeddings?: EmbeddingMatrix;
  readonly labelled?: LabelledSet;
  /** Images of validation and test splits: what looks like one of them must not be trained on. */
  readonly heldOut?: readonly number[];
  /** Image ids that look alike, each list one group; at most one of a group is worth labelling. */
  readonly nearDuplicates?: readonly (readonly number[])[];
  /** By class id, for the reasons. */
  readonly classNames?: readonly string[];
  /** What computes dot products; the plain one by default. */
  readonly kernel?: VectorKernel;
}

/**
 * By which door an image came in: the strategy's own ranking, the random slice (a fair sample of the pool, of which half
 * may later join the validation set), the stratum without detections, or the places that nobody else could fill.
 */
export type BatchPart = 'ranked' | 'random-slice' | 'no-detection' | 'filled';

export interface ChosenImage {
  readonly imageId: number;
  readonly part: BatchPart;
  /** Why the strategy took it, in plain words. What is in the image is told by `explain` (core/uncertainty). */
  readonly reasons: readonly string[];
}

export interface SelectionResult {
  /** In the order of the review queue, every prefix a good batch; fewer than the batch size only when the pool is smaller. */
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
  /** Where the method comes from. */
  readonly source: string;
  /** Whether candidates must have been scored by a model; otherwise it serves the cold start as well. */
  readonly needsScores: boolean;
  /** Whether it compares images: not at all, where it can, or in the first place. Without vectors it falls back, and says so. */
  readonly embeddings: 'unused' | 'helpful' | 'needed';
  /**
   * The result depends on the candidates and the seed alone; the table knows no order but that of image ids.
   * @throws SelectionError `context-invalid`.
   */
  readonly select: (pool: CandidateTable, context: SelectionContext) => SelectionResult;
}
