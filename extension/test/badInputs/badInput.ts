import type { ErrorReport } from '../../src/core/errors.ts';

/** The report about an input: an error that ended the work, or a problem that did not. */
export interface Told extends Omit<ErrorReport, 'name'> {
  /** 1-based line of the file `where`. */
  readonly line?: number;
}

/** One row of the table: an input that cannot be used, in part or as a whole. */
export interface BadInput {
  readonly name: string;
  /** Writes the input into an empty folder. */
  make(folder: string): void | Promise<void>;
  /** Passes the input to the product. @returns the reports, if no error ends the work; otherwise throws it. */
  meet(folder: string): Promise<readonly Told[]>;
  /** One of the expected reports. */
  readonly code: string;
  readonly says: RegExp;
  /** What the message or its place names: the end of a path, a flag, a field. */
  readonly names: string;
  /** What the input holds and the message repeats, although a message of the product's own has no such character. */
  readonly repeats?: RegExp;
  /** What the product may change: the files that it keeps for itself. */
  readonly mayChange?: RegExp;
}

/** Inputs of one kind. */
export interface Kind {
  readonly kind: string;
  readonly inputs: readonly BadInput[];
  /** Whether they need the Python environment of the trainer. */
  readonly needsPython?: boolean;
  /** Starts what many inputs share, so that it is not counted as the time of the first. */
  warmUp?(): Promise<void>;
  /** Ends it. */
  close?(): Promise<void>;
}
