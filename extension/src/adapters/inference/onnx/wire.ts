import type { ErrorReport } from '../../../core/errors.ts';
import type { InferenceOptions, InferenceResult, ModelFiles } from '../../../workflow/ports/inference.ts';

/** A model and how to run it. `stamp` changes when the file changes, so that the worker loads it again. */
export interface OpenModel {
  readonly model: ModelFiles;
  readonly stamp: string;
  readonly options: InferenceOptions;
  readonly provider: ExecutionProvider;
}

/** Where ONNX Runtime runs the network. */
export type ExecutionProvider = 'cpu' | 'webgpu';

export interface ImageJob {
  /** Unique within a run. */
  readonly job: number;
  readonly imageId: number;
  readonly path: string;
}

/**
 * Parent → worker. `run` numbers the `predict` calls, so that a late result of an abandoned call is not mistaken for one
 * of the next. `clear` drops queued images; `open` does so too.
 */
export type ToWorker =
  | ({ readonly kind: 'open'; readonly run: number } & OpenModel)
  | ({ readonly kind: 'image'; readonly run: number } & ImageJob)
  | { readonly kind: 'clear' };

/** What a worker is about to do with an image. Sent in advance, so that a crash is attributed to the right image. */
export type Stage = 'decoding' | 'decoded' | 'inferring';

/** Worker → parent. */
export type FromWorker =
  | { readonly kind: 'opened'; readonly run: number }
  | { readonly kind: 'refused'; readonly run: number; readonly error: ErrorReport }
  | { readonly kind: 'stage'; readonly run: number; readonly job: number; readonly stage: Stage }
  | { readonly kind: 'result'; readonly run: number; readonly job: number; readonly result: InferenceResult };
