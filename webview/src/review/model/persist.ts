import type { EditBox, Work } from './boxes.ts';
import { startHistory } from './history.ts';
import { derived } from './derived.ts';
import { type Draft, openSample, type PanelState, rooted } from './state.ts';

/** What survives a reload: where the user was, and edits that no verdict has saved yet. */
export interface Kept {
  readonly version: 1;
  readonly iterationId: number | null;
  readonly sampleId: number | null;
  readonly browsing: boolean;
  readonly slider: number;
  readonly seconds: readonly number[];
  readonly drafts: readonly { readonly sampleId: number; readonly basis: string; readonly work: Work }[];
}

/** @returns null while nothing is known that is worth keeping. */
export function keep(state: PanelState): Kept | null {
  const { host } = state;
  if (host === null) return null;
  const drafts = [...state.drafts].map(([sampleId, draft]) => ({ sampleId, draft }));
  const open = openSample(state);
  if (open !== null && derived(open).edited) {
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

/** Whether something that is kept changed since `before` was. */
export function isWorthKeeping(before: PanelState | null, now: PanelState): boolean {
  return (
    before?.host !== now.host ||
    before.draft !== now.draft ||
    before.drafts !== now.drafts ||
    before.slider !== now.slider ||
    before.seconds !== now.seconds ||
    before.browsing !== now.browsing
  );
}

/** What was kept, where it can be read; anything else is as good as nothing. */
export function readKept(value: unknown): Kept | null {
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
    drafts: drafts.filter(isKeptDraft),
  };
}

/** Brings the page back to what was kept, for the iteration it was kept for. Called after the host's first state. */
export function restore(state: PanelState, kept: Kept): PanelState {
  const { host } = state;
  if (host === null) return state;
  const slider = Math.min(Math.max(kept.slider, 0.05), 0.95);
  if (host.iterationId !== kept.iterationId) return { ...state, slider };
  const drafts = new Map<number, Draft>();
  for (const { sampleId, basis, work } of kept.drafts) {
    if (host.queue.some((entry) => entry.sampleId === sampleId))
      drafts.set(sampleId, { history: startHistory(work), basis });
  }
  const own = host.current === null ? undefined : drafts.get(host.current.sampleId);
  const draft = host.current === null || own === undefined ? state.draft : rooted(own, host, host.current);
  if (host.current !== null) drafts.delete(host.current.sampleId);
  return { ...state, slider, drafts, draft, seconds: kept.seconds };
}

function isKeptDraft(value: unknown): value is Kept['drafts'][number] {
  if (!isRecord(value) || typeof value['sampleId'] !== 'number' || typeof value['basis'] !== 'string') return false;
  const work = value['work'];
  if (!isRecord(work) || typeof work['nextKey'] !== 'number') return false;
  return (
    Array.isArray(work['boxes']) &&
    work['boxes'].every(isEditBox) &&
    Array.isArray(work['removed']) &&
    work['removed'].every((index) => typeof index === 'number')
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
