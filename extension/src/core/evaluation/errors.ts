import { AppError } from '../errors.ts';

export type EvaluationErrorCode =
  /** The same image occurs twice. */
  | 'duplicate-image'
  /** A box of a class that the dataset does not have. */
  | 'class-out-of-range'
  /** A confidence that is not a number. */
  | 'invalid-confidence'
  /** Two results on different images or labels. */
  | 'not-comparable'
  /** An option outside its range. */
  | 'options-invalid';

/** Errors of the input of an evaluation. */
export class EvaluationError extends AppError<EvaluationErrorCode> {}
