/** The numbers a training really runs with: the small-data recipe (DESIGN §4.3), with what the user typed on top. */
export interface TrainingPlan {
  readonly epochs: number;
  readonly batch: number;
  readonly imageSize: number;
  readonly learningRate: number;
  readonly optimizer: 'AdamW' | 'SGD' | 'Adam';
  readonly cosine: boolean;
  /** Epochs, may be fractional: about 50 optimizer steps. */
  readonly warmupEpochs: number;
  readonly warmupBiasLearningRate: number;
  /** Ultralytics' `nbs`: equal to the batch, so that every batch is an optimizer step. */
  readonly nominalBatch: number;
  /** The last n epochs run without mosaic. */
  readonly closeMosaic: number;
  /** Validate every n epochs; 0 = only at the end. */
  readonly validateEvery: number;
  readonly bestBy: 'map50_95' | 'last';
  /** Threads for torch on a CPU. */
  readonly threads: number;
}
