import * as dataset from '../../../core/dataset/types.ts';
import * as session from '../../../core/session/types.ts';
import type { RunState } from '../../../core/session/types.ts';
import type { LabelEventCause, LabelEventState } from '../../../workflow/ports/store/labelEvents.ts';
import type { RootRow } from '../../../workflow/ports/store/datasets.ts';
import type { RunRow } from '../../../workflow/ports/store/runs.ts';

export const splits = wordsOf(dataset.splits);
export const imageStates = wordsOf(dataset.imageStates);
export const verdicts = wordsOf(session.verdicts);
export const sessionStatuses = wordsOf(session.sessionStatuses);
export const iterationStatuses = wordsOf(session.iterationStatuses);

// Records instead of arrays, so that the compiler reports a missing word.

export const rootKinds: Readonly<Record<RootRow['kind'], true>> = { dataset: true, pool: true };

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
  edit: true,
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

function wordsOf<Word extends string>(words: readonly Word[]): Readonly<Record<Word, true>> {
  return Object.fromEntries(words.map((word) => [word, true])) as Record<Word, true>;
}
