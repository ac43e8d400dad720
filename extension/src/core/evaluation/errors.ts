import { AppError } from '../errors.ts';

export type EvaluationErrorCode =
  /** The same image was given twice. */
  | 'duplicate-image'
  /** A box of a class that the dataset does not have. */
  | 'class-out-of-range'
  /** A confidence that is no number. */
  | 'invalid-confidence'
  /** Two results that were not made on the same images and labels. */
  | 'not-comparable'
  /** An option outside its range. */
  | 'options-invalid';

/** What can be wrong with the input of an evaluation. */
export class EvaluationError extends AppError<EvaluationErrorCode> {}
