import type { ErrorReport } from '../../src/core/errors.ts';

/** What a person is told of an input: an error that ended the work, or a problem beside which it went on. */
export interface Told extends Omit<ErrorReport, 'name'> {
  /** 1-based line of the file `where`. */
  readonly line?: number;
}

/** One row of the table: an input that cannot be used, in part or as a whole. */
export interface BadInput {
  readonly name: string;
  /** Writes the input into an empty folder. */
  make(folder: string): void | Promise<void>;
  /** Gives it to the product. @returns what a person is told, if nothing ends the work; otherwise that is thrown. */
  meet(folder: string): Promise<readonly Told[]>;
  /** What is told of it, among other things. */
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
