import type { Random } from '../random.ts';
import type { CandidateTable } from './candidates.ts';
import type { EmbeddingMatrix, LabelledSet } from './embeddings.ts';
import type { VectorKernel } from './kernel.ts';

/** How images without detections are treated: a share of the batch, never selected, or always first. */
export const zeroDetectionPolicies = ['quota', 'ignore', 'first'] as const;
export type ZeroDetections = (typeof zeroDetectionPolicies)[number];

export interface SelectionContext {
  /** Number of images to select, at least 1. */
  readonly batchSize: number;
  /** Images with lower scores are not selected, 0…1. Only `uncertainty` uses it. */
  readonly minUncertainty: number;
  /** Seeded: the same seed and pool give the same batch. */
  readonly random: Random;
  /** Id of the ranking score. Default `combined`. */
  readonly scoreName?: string;
  /** Share of the batch that is drawn from the whole pool first, 0…1; by default that of the strategy. */
  readonly randomShare?: number;
  /** Treatment of images without detections in strategies that rank by a score. Default `quota`. */
  readonly zeroDetections?: ZeroDetections;
  /** Share of the batch for images without detections, 0…1. Default 0.1. */
  readonly zeroDetectionShare?: number;
  /** Vectors of candidates and labelled images. Undefined if no model could compute them. */
  readonly embeddings?: EmbeddingMatrix;
  readonly labelled?: LabelledSet;
  /** Images of validation and test splits: their near duplicates must not be trained on. */
  readonly heldOut?: readonly number[];
  /** Groups of near duplicates by image id; at most one image of a group is worth labelling. */
  readonly nearDuplicates?: readonly (readonly number[])[];
  /** By class id, for the reasons. */
  readonly classNames?: readonly string[];
  /** Computes dot products; the portable one by default. */
  readonly kernel?: VectorKernel;
}

/**
 * How an image was selected: by the strategy's ranking, in the random slice (a fair sample of the pool, half of which
 * may later join the validation set), in the stratum without detections, or for a place that nothing else could fill.
 */
export type BatchPart = 'ranked' | 'random-slice' | 'no-detection' | 'filled';

export interface ChosenImage {
  readonly imageId: number;
  readonly part: BatchPart;
  /** Why the strategy selected it, in plain words. `explain` (core/uncertainty) describes the predictions. */
  readonly reasons: readonly string[];
}

export interface SelectionResult {
  /** In review order; every prefix is a good batch. Shorter than the batch size only if the pool is smaller. */
  readonly chosen: readonly ChosenImage[];
  /** Notes for the user about the whole batch. */
  readonly notes: readonly string[];
}

/** A way to select a batch. A new one is one file, and one line in the registry. */
export interface Strategy {
  /** Stored with the session; never changes after a release. */
  readonly id: string;
  readonly title: string;
  /** When to use it, for users who choose a strategy. */
  readonly description: string;
  /** The source of the method. */
  readonly source: string;
  /** Whether candidates must have scores of a model; otherwise it also works for the cold start. */
  readonly needsScores: boolean;
  /** Whether it compares images: never, if possible, or primarily. Without vectors it falls back and adds a note. */
  readonly embeddings: 'unused' | 'helpful' | 'needed';
  /**
   * The result depends only on the candidates and the seed; the only order of the table is that of image ids.
   * @throws SelectionError `context-invalid`.
   */
  readonly select: (pool: CandidateTable, context: SelectionContext) => SelectionResult;
}
