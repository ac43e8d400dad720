import type { TrainingPlan } from '../../core/session/trainingPlan.ts';

/** One image of a run's own dataset copy. `labelText` is the label file as it is on disk. */
export interface SnapshotImage {
  readonly imageId: number;
  readonly absolutePath: string;
  readonly labelText: string;
  readonly split: 'train' | 'val';
}

/** Trains a detector on a snapshot of the dataset, then exports it. */
export interface TrainJob {
  readonly kind: 'train';
  readonly runId: string;
  /** An existing path, a model name, or an architecture yaml. */
  readonly weights: string;
  /** The user agreed that missing weights may be downloaded. */
  readonly allowDownload: boolean;
  readonly classNames: readonly string[];
  readonly images: readonly SnapshotImage[];
  readonly plan: TrainingPlan;
  readonly seed: number;
  readonly device: string;
}

/** Exports weights to ONNX. */
export interface ExportJob {
  readonly kind: 'export';
  readonly runId: string;
  /** As for a training. */
  readonly weights: string;
  readonly allowDownload: boolean;
  /** Side of the input, pixels. */
  readonly imageSize: number;
  readonly threads: number;
}

/** Makes an int8 copy of an exported model. */
export interface QuantiseJob {
  readonly kind: 'quantise';
  readonly runId: string;
  /** Absolute path of the exported model. */
  readonly model: string;
  readonly imageSize: number;
  readonly threads: number;
  /** Absolute paths of the images that calibrate the activations. */
  readonly calibrationImages: readonly string[];
  /** Keeps more layers in float: for a model whose int8 copy ranks images too differently. */
  readonly careful: boolean;
}

/** Predicts images that the caller names while the job runs. */
export interface PredictJob {
  readonly kind: 'predict';
  readonly runId: string;
  /** Absolute path of weights (`.pt`) or of an exported model (`.onnx`). */
  readonly model: string;
  readonly imageSize: number;
  readonly threads: number;
  readonly device: string;
  /** `own` decodes as the product does; `ultralytics` is Ultralytics' own prediction, for comparisons. */
  readonly predictor: 'own' | 'ultralytics';
  /** Thresholds, 0…1. */
  readonly minConfidence: number;
  readonly iouThreshold: number;
  readonly maxDetections: number;
  /** The lowest class score that is kept; `null` leaves the class scores out. */
  readonly classScoresAbove: number | null;
  readonly embedding: boolean;
  readonly localisation: boolean;
  readonly flip: boolean;
  /** Images of one shape that go through the network together. */
  readonly batch: number;
}

/** A job that leaves a model behind. The product prepares, follows and resumes its run folder. */
export type ModelJob = TrainJob | ExportJob | QuantiseJob;

/** The work of one process of the Python trainer: one variant for each module in `al_trainer/jobs`. */
export type Job = ModelJob | PredictJob;
