import { AppError } from '../../core/errors.ts';

/**
 * Why a prediction as a whole failed. One bad image is not an error: it is a result with `ok: false`.
 * `model-missing`: no file there. `model-broken`: ONNX Runtime cannot load or run it, or it is not what `model.json` says.
 * `runtime-missing`: a native library (ONNX Runtime, the image decoder) cannot be loaded on this platform.
 * `worker-failed`: worker processes end again and again before they get anything done.
 * `cancelled`: the caller's signal fired. `closed`: `close()` was called.
 */
export type InferenceErrorCode =
  | 'model-missing'
  | 'model-broken'
  | 'runtime-missing'
  | 'worker-failed'
  | 'cancelled'
  | 'closed';

/** A failed prediction, with a code, and a hint that says what to do. */
export class InferenceError extends AppError<InferenceErrorCode> {}
