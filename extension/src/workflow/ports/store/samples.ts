import type { Detection } from '../../../core/detection/types.ts';
import type { Verdict } from '../../../core/session/types.ts';

export interface SampleRow {
  readonly id: number;
  readonly iterationId: number;
  readonly imageId: number;
  readonly rank: number;
  /** 1 - highest confidence. */
  readonly uncertaintyScore: number | null;
  readonly confidenceVariance: number | null;
  readonly entropyScore: number | null;
  readonly combinedScore: number | null;
  readonly scores: Readonly<Record<string, number>>;
  readonly predictedBoxes: readonly Detection[];
  readonly maxConfidence: number | null;
  readonly minConfidence: number | null;
  readonly reasons: readonly string[];
  /** Why a score is missing for the image, in plain words, by score id; undefined if none is missing. */
  readonly withheldScores?: Readonly<Record<string, string>>;
  /** The image joins the validation set once it is labelled; until its verdict nobody sees what a model predicts on it. */
  readonly blind?: boolean;
  readonly verdict: Verdict | null;
  readonly reviewSeconds: number | null;
  readonly reviewedAt: string | null;
}

export type NewSample = Omit<SampleRow, 'id' | 'iterationId' | 'verdict' | 'reviewSeconds' | 'reviewedAt'>;

/** A sample as the queue of a review lists it: of 10,000 samples, the whole rows take a second to read. */
export type QueuedSample = Pick<SampleRow, 'id' | 'iterationId' | 'imageId' | 'verdict' | 'reviewSeconds'> & {
  /** Nothing was predicted: what a person saves there is labelled, not corrected. */
  readonly unpredicted: boolean;
};

/** How far the review of a batch is. */
export interface BatchProgress {
  readonly total: number;
  /** Samples without a verdict. */
  readonly open: number;
  readonly byVerdict: Partial<Record<Verdict, number>>;
  /** Of the corrected samples, those on which nothing was predicted. */
  readonly labelled: number;
  /** All seconds that the reviewer spent on the batch. */
  readonly seconds: number;
  /** Samples with a verdict and a time. */
  readonly timed: number;
}

export interface SampleStore {
  /** Replaces the batch of an iteration that has no verdicts yet. @throws StoreError `batch-reviewed`. */
  replaceBatch(iterationId: number, samples: readonly NewSample[]): Promise<void>;
  /**
   * Adds samples to the end of a batch. Images that it has already are left out.
   * @returns how many were added.
   */
  append(iterationId: number, samples: readonly Omit<NewSample, 'rank'>[]): Promise<number>;
  get(id: number): Promise<SampleRow | null>;
  /** By rank. @param imageIds only the samples of these images. */
  list(iterationId: number, imageIds?: readonly number[]): Promise<SampleRow[]>;
  /** The same without boxes and scores. */
  queue(iterationId: number): Promise<QueuedSample[]>;
  /** The newest sample of each image in a session, by image. */
  newest(sessionId: number): Promise<QueuedSample[]>;
  progress(iterationId: number): Promise<BatchProgress>;
  /** Images that are samples without a verdict in an unfinished iteration of the dataset. */
  openImageIds(datasetId: number): Promise<number[]>;
  /** Labelled images of blind samples that are not in the validation set yet. */
  blindLabelled(datasetId: number): Promise<number[]>;
}
