import { AppError } from '../errors.ts';

export type DetectionErrorCode =
  /** `model.json` is missing a field, or its content differs from the documented format. */
  | 'model-info-invalid'
  /** The output tensor is of a known layout but disagrees with the model's description. */
  | 'output-mismatch'
  /** An image or input size that is not a positive number of pixels. */
  | 'size-invalid';

/** Errors of a model's description, its output or its sizes. */
export class DetectionError extends AppError<DetectionErrorCode> {}
