import type { Detection, ModelInfo } from '../../core/detection/types.ts';

/** The files of an exported model. */
export interface ModelFiles {
  readonly onnxPath: string;
  readonly info: ModelInfo;
  /** The weights it was exported from, where they are known: torch runs these. */
  readonly weightsPath?: string;
  /** Of its files, where it is known: what a worker needs of memory goes by it. */
  readonly sizeMb?: number;
}

export interface InferenceImage {
  readonly imageId: number;
  readonly absolutePath: string;
}

export interface InferenceOptions {
  /** Longer side of the letterboxed input, pixels. */
  readonly imageSize: number;
  /** Boxes below are dropped before NMS. Scoring: 0.05; evaluation: 0.001. */
  readonly minConfidence: number;
  /** IoU above which the weaker box of the same class is suppressed. */
  readonly iouThreshold: number;
  readonly maxDetections: number;
  /** Class scores below are left out of `Detection.classScores`; `null` leaves the vectors out altogether. */
  readonly classScoresAbove: number | null;
  /** Whether `embedding` is wanted (models that have that output). */
  readonly embedding: boolean;
  /** Whether `Detection.localisationEntropy` is wanted (heads with DFL distributions). */
  readonly localisation?: boolean;
  /** Whether `flipped` is wanted: the model runs a second time, on the mirrored image. */
  readonly flip?: boolean;
  /** Parallel worker processes, one thread each. */
  readonly workers: number;
}

export type InferenceResult =
  | {
      readonly ok: true;
      readonly imageId: number;
      readonly width: number;
      readonly height: number;
      readonly detections: readonly Detection[];
      /** Best score of any box, also below `minConfidence`. */
      readonly bestScore: number;
      readonly embedding?: Float32Array;
      /** Detections on the mirrored image, mapped back into the image. */
      readonly flipped?: readonly Detection[];
    }
  | {
      readonly ok: false;
      readonly imageId: number;
      /** `unreadable-image` or `worker-crashed`. */
      readonly code: string;
      readonly message: string;
    };

/** What runs the images of a prediction. Told when it begins, and again when another takes over. */
export interface Provider {
  /** As people call it, such as `2 CPU threads` or `GPU (torch)`. */
  readonly name: string;
  /** Why other ways that this machine seemed to have are not used, each a sentence. */
  readonly notes: readonly string[];
}

/** Runs a model over images, outside the calling process. */
export interface Inference {
  /**
   * Results in completion order; memory stays bounded however long `images` is.
   * One bad image or one crashed worker yields one `ok: false`; the rest goes on.
   * @throws InferenceError when the model itself cannot be loaded; `cancelled` when `signal` fires.
   */
  predict(
    model: ModelFiles,
    images: Iterable<InferenceImage> | AsyncIterable<InferenceImage>,
    options: InferenceOptions,
    signal?: AbortSignal,
    onProvider?: (provider: Provider) => void,
  ): AsyncIterable<InferenceResult>;
  /**
   * Chooses how a model is run from now on, by a trial on some of these images; `predict` alone tries other ways only on
   * large pools. Does nothing where that is known; absent where there is no choice.
   * @throws what `predict` throws.
   */
  settle?(
    model: ModelFiles,
    images: readonly InferenceImage[],
    options: InferenceOptions,
    signal?: AbortSignal,
  ): Promise<void>;
  /** Ends the worker processes. */
  close(): Promise<void>;
}
