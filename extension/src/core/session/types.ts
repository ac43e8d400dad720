/** What a person decided about a sample (DESIGN §1). */
export type Verdict =
  | 'accepted'
  | 'corrected'
  | 'rejected-background'
  | 'rejected-unusable'
  | 'rejected-later'
  | 'skipped';

export type SessionStatus = 'created' | 'active' | 'completed' | 'archived';

/** The steps of an iteration, in order; `failed` and `cancelled` keep the step that can be taken up again in `resumeFrom`. */
export type IterationStatus =
  | 'preparing'
  | 'training'
  | 'evaluating'
  | 'scoring'
  | 'selecting'
  | 'reviewing'
  | 'completed'
  | 'failed'
  | 'cancelled';

export type RunState = 'prepared' | 'running' | 'finished' | 'failed' | 'cancelled';

/** How the boxes of an image become one number (DESIGN §6). */
export type Aggregation = 'top-k' | 'max' | 'mean' | 'noisy-or';

/** What becomes of images in which the model found nothing: a share of the batch, never chosen, or always first. */
export type ZeroDetections = 'quota' | 'ignore' | 'first';

/** Weights of the `combined` score; they are normalised to sum 1 when used. */
export interface UncertaintyWeights {
  readonly confidence: number;
  readonly entropy: number;
  readonly variance: number;
}

/** Everything a person may set when a session is made; the defaults are in `settings.ts`. */
export interface SessionSettings {
  readonly name: string;
  readonly description: string;
  /** A path to a `.pt`, a name such as `yolov8n.pt`, or an architecture `.yaml`. */
  readonly baseModel: string;
  readonly epochs: number;
  /** `auto`: 4 below 64 labelled images, 8 below 200, otherwise 16. */
  readonly batchSize: number | 'auto';
  readonly learningRate: number;
  readonly imageSize: number;
  readonly maxIterations: number;
  readonly minUncertainty: number;
  readonly maxSamplesPerIteration: number;
  readonly uncertaintyWeights: UncertaintyWeights;
  readonly strategy: string;
  readonly aggregation: Aggregation;
  /** Id of the metric by which strategies other than `uncertainty` rank; that one is driven by `combined`. */
  readonly rankingMetric: string;
  readonly zeroDetections: ZeroDetections;
  /** Whether every image of the pool is scored a second time, mirrored: the metric `flip`. */
  readonly flip: boolean;
  /** Whether the spread of the box edges is read where the model's export has it: the metric `localisation`. */
  readonly localisation: boolean;
  /** Whether a quantised (int8) copy of the model may score the pool, where that was measured to be good enough. */
  readonly fastScoring: boolean;
  readonly warmStart: boolean;
  readonly device: string;
  readonly seed: number;
  /** Names of the settings that the user typed; a typed value wins over the small-data recipe. */
  readonly typed: readonly string[];
}
