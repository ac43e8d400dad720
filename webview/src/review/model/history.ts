import type { Work } from './boxes.ts';

/** The edits of one sample, with what came before and what was undone. */
export interface History {
  readonly present: Work;
  readonly past: readonly Work[];
  readonly future: readonly Work[];
  /** Edits in a row with the same tag, such as nudges of one box, are one step. */
  readonly tag: string | null;
}

const mostSteps = 300;

export function startHistory(work: Work): History {
  return { present: work, past: [], future: [], tag: null };
}

export function pushWork(history: History, work: Work, tag: string | null = null): History {
  if (work === history.present) return history;
  if (tag !== null && tag === history.tag) return { ...history, present: work, future: [] };
  return { present: work, past: [...history.past.slice(1 - mostSteps), history.present], future: [], tag };
}

export function undoWork(history: History): History {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { present: before, past: history.past.slice(0, -1), future: [history.present, ...history.future], tag: null };
}

export function redoWork(history: History): History {
  const [after, ...future] = history.future;
  if (after === undefined) return history;
  return { present: after, past: [...history.past, history.present], future, tag: null };
}
