import type { EditBox, BoxSet } from './boxes.ts';
import { startHistory } from './history.ts';
import { editStateOf } from './editState.ts';
import { type Draft, openSample, type PanelState, withOriginalAsFirstStep } from './state.ts';

/** The state that survives a reload: the open sample, and edits that no verdict has saved yet. */
export interface SavedState {
  readonly version: 1;
  readonly iterationId: number | null;
  readonly sampleId: number | null;
  readonly browsing: boolean;
  readonly slider: number;
  readonly seconds: readonly number[];
  readonly drafts: readonly { readonly sampleId: number; readonly basis: string; readonly work: BoxSet }[];
}

/** @returns null before the host has answered. */
export function toSavedState(state: PanelState): SavedState | null {
  const { host } = state;
  if (host === null) return null;
  const drafts = [...state.drafts].map(([sampleId, draft]) => ({ sampleId, draft }));
  const open = openSample(state);
  if (open !== null && editStateOf(open).edited) {
    drafts.push({ sampleId: open.sample.sampleId, draft: open.draft });
  }
  return {
    version: 1,
    iterationId: host.iterationId,
    sampleId: host.current?.sampleId ?? null,
    browsing: state.browsing,
    slider: state.slider,
    seconds: state.seconds,
    drafts: drafts.map(({ sampleId, draft }) => ({ sampleId, basis: draft.basis, work: draft.history.present })),
  };
}

/** Whether the saved part of the state has changed. */
export function savedStateChanged(before: PanelState | null, now: PanelState): boolean {
  return (
    before?.host !== now.host ||
    before.draft !== now.draft ||
    before.drafts !== now.drafts ||
    before.slider !== now.slider ||
    before.seconds !== now.seconds ||
    before.browsing !== now.browsing
  );
}

/** The saved state; null if it is invalid. */
export function parseSavedState(value: unknown): SavedState | null {
  if (!isRecord(value) || value['version'] !== 1) return null;
  const { iterationId, sampleId, browsing, slider, seconds, drafts } = value;
  if (
    !(iterationId === null || typeof iterationId === 'number') ||
    !(sampleId === null || typeof sampleId === 'number')
  )
    return null;
  if (typeof slider !== 'number' || !Array.isArray(seconds) || !Array.isArray(drafts)) return null;
  return {
    version: 1,
    iterationId,
    sampleId,
    browsing: browsing === true,
    slider,
    seconds: seconds.filter((one) => typeof one === 'number'),
    drafts: drafts.filter(isSavedDraft),
  };
}

/** Restores a saved state, after the first state of the host. Edits return only in the same iteration. */
export function restoreSavedState(state: PanelState, saved: SavedState): PanelState {
  const { host } = state;
  if (host === null) return state;
  const slider = Math.min(Math.max(saved.slider, 0.05), 0.95);
  if (host.iterationId !== saved.iterationId) return { ...state, slider };
  const drafts = new Map<number, Draft>();
  for (const { sampleId, basis, work } of saved.drafts) {
    if (host.queue.some((entry) => entry.sampleId === sampleId))
      drafts.set(sampleId, { history: startHistory(work), basis });
  }
  const own = host.current === null ? undefined : drafts.get(host.current.sampleId);
  const draft =
    host.current === null || own === undefined ? state.draft : withOriginalAsFirstStep(own, host, host.current);
  if (host.current !== null) drafts.delete(host.current.sampleId);
  return { ...state, slider, drafts, draft, seconds: saved.seconds };
}

function isSavedDraft(value: unknown): value is SavedState['drafts'][number] {
  if (!isRecord(value) || typeof value['sampleId'] !== 'number' || typeof value['basis'] !== 'string') return false;
  const boxSet = value['work'];
  if (!isRecord(boxSet) || typeof boxSet['nextKey'] !== 'number') return false;
  return (
    Array.isArray(boxSet['boxes']) &&
    boxSet['boxes'].every(isEditBox) &&
    Array.isArray(boxSet['removed']) &&
    boxSet['removed'].every((index) => typeof index === 'number')
  );
}

function isEditBox(value: unknown): value is EditBox {
  if (!isRecord(value)) return false;
  const numbers = ['x1', 'y1', 'x2', 'y2', 'classId', 'key'].every((name) => Number.isFinite(value[name]));
  const { prediction, confidence } = value;
  const optional = [prediction, confidence].every((one) => one === null || typeof one === 'number');
  return numbers && optional;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
