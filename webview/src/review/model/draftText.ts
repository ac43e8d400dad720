import type { DraftView, SampleView } from '../../../../extension/src/protocol/review.ts';
import type { BoxSet, EditBox } from './boxes.ts';
import { hasSteps, type History } from './history.ts';
import { isEdited, type LeftDraft, type OpenSample } from './state.ts';

/** A step from one set of boxes to the next: `boxes` replace `count` boxes from `start` on. */
interface Step extends Pick<BoxSet, 'removed' | 'nextKey'> {
  readonly start: number;
  readonly count: number;
  readonly boxes: readonly EditBox[];
}

/** A history as text: the boxes at its start, and what each edit changed. `at` is the number of steps that are done. */
interface Written {
  readonly version: 1;
  readonly first: BoxSet;
  readonly steps: readonly Step[];
  readonly at: number;
}

/** Characters. The oldest steps are left out of a longer text. */
const longestText = 8_000_000;

/** The edits of the open sample for the host; null if there is nothing to undo or redo. */
export function toDraftView({ host, sample, draft }: OpenSample): DraftView | null {
  if (!hasSteps(draft.history)) return null;
  return { basis: draft.basis, history: writeHistory(draft.history), edited: isEdited(draft, host, sample) };
}

/** The edits that the host stored for a sample; null if there are none, or none that can be read. */
export function storedDraft({ draft }: SampleView): LeftDraft | null {
  if (draft === null) return null;
  const history = readHistory(draft.history);
  return history === null ? null : { history, basis: draft.basis, edited: draft.edited };
}

export function writeHistory(history: History): string {
  const { past, present, future } = history;
  const all = [...past, present, ...future];
  const written: Written = {
    version: 1,
    first: all[0] ?? present,
    steps: all.slice(1).map((after, place) => stepBetween(all[place] ?? present, after)),
    at: past.length,
  };
  const text = JSON.stringify(written);
  if (text.length <= longestText || !hasSteps(history)) return text;
  return writeHistory({
    ...history,
    past: past.slice(Math.ceil(past.length / 2)),
    future: future.slice(0, Math.floor(future.length / 2)),
  });
}

/** @returns null if the text is not a history. */
export function readHistory(text: string): History | null {
  const written = parsed(text);
  if (written === null) return null;
  const all: BoxSet[] = [written.first];
  for (const step of written.steps) all.push(afterStep(all.at(-1) ?? written.first, step));
  const present = all[written.at];
  if (present === undefined) return null;
  return { present, past: all.slice(0, written.at), future: all.slice(written.at + 1), tag: null };
}

function stepBetween(before: BoxSet, after: BoxSet): Step {
  const [a, b] = [before.boxes, after.boxes];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let same = 0;
  const most = Math.min(a.length, b.length) - start;
  while (same < most && a[a.length - 1 - same] === b[b.length - 1 - same]) same++;
  const { removed, nextKey } = after;
  return { start, count: a.length - start - same, boxes: b.slice(start, b.length - same), removed, nextKey };
}

function afterStep({ boxes }: BoxSet, step: Step): BoxSet {
  const { removed, nextKey } = step;
  return { boxes: boxes.toSpliced(step.start, step.count, ...step.boxes), removed, nextKey };
}

function parsed(text: string): Written | null {
  try {
    const value: unknown = JSON.parse(text);
    return isWritten(value) ? value : null;
  } catch {
    return null;
  }
}

function isWritten(value: unknown): value is Written {
  if (!isRecord(value) || value['version'] !== 1) return false;
  const { first, steps, at } = value;
  return isCount(at) && isBoxSet(first) && Array.isArray(steps) && steps.every(isStep);
}

function isStep(value: unknown): value is Step {
  return isBoxSet(value) && 'start' in value && isCount(value.start) && 'count' in value && isCount(value.count);
}

function isBoxSet(value: unknown): value is BoxSet {
  if (!isRecord(value) || !isCount(value['nextKey'])) return false;
  const { boxes, removed } = value;
  return Array.isArray(boxes) && boxes.every(isEditBox) && Array.isArray(removed) && removed.every(isCount);
}

function isEditBox(value: unknown): value is EditBox {
  if (!isRecord(value)) return false;
  const numbers = ['x1', 'y1', 'x2', 'y2', 'classId', 'key'].every((name) => Number.isFinite(value[name]));
  const { prediction, confidence } = value;
  return numbers && [prediction, confidence].every((one) => one === null || typeof one === 'number');
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
