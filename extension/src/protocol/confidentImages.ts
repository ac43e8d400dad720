/** A sample that can be accepted together with others: it has no verdict, labels or unsaved edits. */
export interface ConfidentView {
  readonly sampleId: number;
  /** The indexes of the predictions that an accept writes. */
  readonly kept: readonly number[];
  /** The lowest confidence of these. */
  readonly lowest: number;
}

/** Accepts exactly these boxes of several samples. */
export interface AcceptMany {
  readonly samples: readonly Pick<ConfidentView, 'sampleId' | 'kept'>[];
  readonly secondsEach: number;
}

/** What became of them. */
export interface AcceptedMany {
  readonly accepted: number;
  /** Judged or edited meanwhile. */
  readonly leftOut: number;
  /** Could not be written; `reason` is the first reason. */
  readonly failed: { readonly count: number; readonly reason: string } | null;
}
