import type { ImageState, Split } from '../../../core/dataset/types.ts';
import type { IterationStatus, RunState, SessionStatus, Verdict } from '../../../core/session/types.ts';
import type { LabelEventCause, LabelEventState } from '../../../workflow/ports/store/labelEvents.ts';
import type { RootRow } from '../../../workflow/ports/store/datasets.ts';
import type { RunRow } from '../../../workflow/ports/store/runs.ts';

// Records, not arrays: the compiler then says when a word is missing here.

export const splits: Readonly<Record<Split, true>> = { train: true, val: true, test: true, pool: true };

export const imageStates: Readonly<Record<ImageState, true>> = {
  unlabelled: true,
  labelled: true,
  later: true,
  unusable: true,
  broken: true,
  missing: true,
};

export const rootKinds: Readonly<Record<RootRow['kind'], true>> = { dataset: true, pool: true };

export const verdicts: Readonly<Record<Verdict, true>> = {
  accepted: true,
  corrected: true,
  'rejected-background': true,
  'rejected-unusable': true,
  'rejected-later': true,
  skipped: true,
};

export const sessionStatuses: Readonly<Record<SessionStatus, true>> = {
  created: true,
  active: true,
  completed: true,
  archived: true,
};

export const iterationStatuses: Readonly<Record<IterationStatus, true>> = {
  preparing: true,
  training: true,
  evaluating: true,
  scoring: true,
  selecting: true,
  reviewing: true,
  completed: true,
  failed: true,
  cancelled: true,
};

export const runStates: Readonly<Record<RunState, true>> = {
  prepared: true,
  running: true,
  finished: true,
  failed: true,
  cancelled: true,
};

export const runJobs: Readonly<Record<RunRow['job'], true>> = { train: true, export: true };

export const eventCauses: Readonly<Record<LabelEventCause, true>> = {
  verdict: true,
  undo: true,
  outside: true,
  import: true,
  oracle: true,
};

export const eventStates: Readonly<Record<LabelEventState, true>> = {
  pending: true,
  done: true,
  abandoned: true,
  conflict: true,
};
