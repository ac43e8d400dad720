import { AppError } from '../../core/errors.ts';

/**
 * Why a whole prediction failed. One bad image is not an error: its result has `ok: false`.
 * `model-missing`: no model file. `model-broken`: ONNX Runtime cannot load or run it, or it does not match `model.json`.
 * `runtime-missing`: a native library (ONNX Runtime, the image decoder) cannot be loaded on this platform.
 * `worker-failed`: worker processes keep crashing without producing a result.
 * `cancelled`: the caller's signal fired. `closed`: the caller called `close()`.
 */
export type InferenceErrorCode =
  | 'model-missing'
  | 'model-broken'
  | 'runtime-missing'
  | 'worker-failed'
  | 'cancelled'
  | 'closed';

/** A failed prediction, with a code and a hint about the remedy. */
export class InferenceError extends AppError<InferenceErrorCode> {}
