import { AppError } from '../errors.ts';

export type DetectionErrorCode =
  /** `model.json` is missing a field, or holds something else than documented. */
  | 'model-info-invalid'
  /** The output tensor is of a known layout but disagrees with the model's description. */
  | 'output-mismatch'
  /** An image or input size that is no positive number of pixels. */
  | 'size-invalid';

/** What can be wrong with a model's description, its output or the sizes that go with them. */
export class DetectionError extends AppError<DetectionErrorCode> {}
