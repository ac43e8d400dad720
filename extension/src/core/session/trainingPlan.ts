import type { SessionSettings } from './types.ts';

/**
 * The numbers that a training runs with: the small-data recipe (docs/architecture.md, One iteration), and on top of it what
 * the user typed.
 */
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

/** What the recipe depends on apart from the settings. */
export interface TrainingFacts {
  /** Labelled images of the training split, backgrounds included. */
  readonly labelledImages: number;
  readonly validationImages: number;
  /** Whether the training runs on a CPU, where a validation costs as much as an epoch. */
  readonly cpu: boolean;
  /** Threads that torch may use. */
  readonly threads: number;
}

/** With fewer steps, a detector of a few dozen images stays untrained, regardless of the epochs. */
const leastSteps = 500;
const warmupSteps = 50;
const validationsOnCpu = 5;
/** With fewer images, the best epoch of a validation is mostly chance. */
const leastImagesForBest = 100;

/**
 * The small-data recipe (docs/architecture.md, One iteration).
 * Settings that the user entered win: only default epochs are raised to at least 500 optimizer steps, and an entered
 * batch size stays as it is. Warm-up takes 50 steps, but at most a tenth of the training.
 */
export function makeTrainingPlan(settings: SessionSettings, facts: TrainingFacts): TrainingPlan {
  const batch = settings.batchSize === 'auto' ? autoBatch(facts.labelledImages) : settings.batchSize;
  const stepsPerEpoch = Math.max(1, Math.ceil(facts.labelledImages / batch));
  const epochs = settings.typed.includes('epochs')
    ? settings.epochs
    : Math.max(settings.epochs, Math.ceil(leastSteps / stepsPerEpoch));
  const warmup = Math.min(warmupSteps, (epochs * stepsPerEpoch) / 10) / stepsPerEpoch;
  return {
    epochs,
    batch,
    imageSize: settings.imageSize,
    learningRate: settings.learningRate,
    optimizer: 'AdamW',
    cosine: true,
    warmupEpochs: Math.round(warmup * 1000) / 1000,
    warmupBiasLearningRate: 0,
    nominalBatch: batch,
    closeMosaic: Math.round(epochs / 5),
    validateEvery: validationInterval(epochs, facts),
    bestBy: facts.validationImages >= leastImagesForBest ? 'map50_95' : 'last',
    threads: Math.max(1, Math.floor(facts.threads)),
  };
}

function autoBatch(labelledImages: number): number {
  if (labelledImages < 64) return 4;
  return labelledImages < 200 ? 8 : 16;
}

function validationInterval(epochs: number, facts: TrainingFacts): number {
  if (facts.validationImages === 0) return 0;
  return facts.cpu ? Math.ceil(epochs / validationsOnCpu) : 1;
}
