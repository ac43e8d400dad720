import type { Detection, ModelInfo } from '../../core/detection/types.ts';

/** The files of an exported model. */
export interface ModelFiles {
  readonly onnxPath: string;
  readonly info: ModelInfo;
  /** The weights it was exported from, if known: torch runs these. */
  readonly weightsPath?: string;
  /** Size of its weights, if known: determines the memory that a worker needs. */
  readonly sizeMb?: number;
}

export interface InferenceImage {
  readonly imageId: number;
  readonly absolutePath: string;
}

export interface InferenceOptions {
  /** Longer side of the letterboxed input, pixels. */
  readonly imageSize: number;
  /** Boxes with a lower confidence are dropped before NMS. Scoring: 0.05; evaluation: 0.001. */
  readonly minConfidence: number;
  /** IoU above which the weaker box of the same class is suppressed. */
  readonly iouThreshold: number;
  readonly maxDetections: number;
  /** Lower class scores are left out of `Detection.classScores`; `null` leaves out the vectors altogether. */
  readonly classScoresAbove: number | null;
  /** Whether to compute `embedding` (models that have that output). */
  readonly embedding: boolean;
  /** Whether to compute `Detection.localisationEntropy` (heads with DFL distributions). */
  readonly localisation?: boolean;
  /** Whether to compute `flipped`: the model runs a second time, on the mirrored image. */
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

/** What runs the images of a prediction. Reported at the start and when another provider takes over. */
export interface Provider {
  /** Display name, such as `2 CPU threads` or `GPU (torch)`. */
  readonly name: string;
  /** Why other providers that this machine seemed to have are not used; one sentence each. */
  readonly notes: readonly string[];
}

/** Runs a model over images, outside the calling process. */
export interface Inference {
  /**
   * Results in completion order; memory stays bounded however long `images` is.
   * A damaged image or a crashed worker yields one `ok: false`; the rest continues.
   * @throws InferenceError if the model itself cannot be loaded; `cancelled` if `signal` fires.
   */
  predict(
    model: ModelFiles,
    images: Iterable<InferenceImage> | AsyncIterable<InferenceImage>,
    options: InferenceOptions,
    signal?: AbortSignal,
    onProvider?: (provider: Provider) => void,
  ): AsyncIterable<InferenceResult>;
  /**
   * Chooses the provider for later predictions by a trial on some of these images; `predict` alone tries others only on
   * large pools. Does nothing if the choice is known; undefined if there is no choice.
   * @throws errors of `predict`.
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
