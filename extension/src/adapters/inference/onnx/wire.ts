import type { ErrorReport } from '../../../core/errors.ts';
import type { InferenceOptions, InferenceResult, ModelFiles } from '../../../workflow/ports/inference.ts';

/** A model and how to run it; `stamp` changes when the file at the same path does, so that it is loaded again. */
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
 * Parent → worker. `run` numbers the `predict` calls: so that answers to an abandoned call are not taken for those to the next.
 * `open` also drops whatever is queued; `clear` does only that.
 */
export type ToWorker =
  | ({ readonly kind: 'open'; readonly run: number } & OpenModel)
  | ({ readonly kind: 'image'; readonly run: number } & ImageJob)
  | { readonly kind: 'clear' };

/** What a worker is about to do with an image. Sent before it is done, so that a crash is attributed to the right image. */
export type Stage = 'decoding' | 'decoded' | 'inferring';

/** Worker → parent. */
export type FromWorker =
  | { readonly kind: 'opened'; readonly run: number }
  | { readonly kind: 'refused'; readonly run: number; readonly error: ErrorReport }
  | { readonly kind: 'stage'; readonly run: number; readonly job: number; readonly stage: Stage }
  | { readonly kind: 'result'; readonly run: number; readonly job: number; readonly result: InferenceResult };
