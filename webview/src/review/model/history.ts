import type { BoxSet } from './boxes.ts';

/** The boxes of one sample with the steps to undo and redo. */
export interface History {
  readonly present: BoxSet;
  readonly past: readonly BoxSet[];
  readonly future: readonly BoxSet[];
  /** Consecutive edits with the same tag, such as nudges of one box, are one step. */
  readonly tag: string | null;
}

const maxSteps = 300;

/** Whether there is an edit to undo or redo. */
export function hasSteps(history: History): boolean {
  return history.past.length > 0 || history.future.length > 0;
}

export function startHistory(boxSet: BoxSet): History {
  return { present: boxSet, past: [], future: [], tag: null };
}

export function pushBoxSet(history: History, boxSet: BoxSet, tag: string | null = null): History {
  if (boxSet === history.present) return history;
  if (tag !== null && tag === history.tag) return { ...history, present: boxSet, future: [] };
  return { present: boxSet, past: [...history.past.slice(1 - maxSteps), history.present], future: [], tag };
}

export function undoEdit(history: History): History {
  const before = history.past.at(-1);
  if (before === undefined) return history;
  return { present: before, past: history.past.slice(0, -1), future: [history.present, ...history.future], tag: null };
}

export function redoEdit(history: History): History {
  const [after, ...future] = history.future;
  if (after === undefined) return history;
  return { present: after, past: [...history.past, history.present], future, tag: null };
}
