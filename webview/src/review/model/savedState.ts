import type { PanelState } from './state.ts';
import { parseViewOptions, type ViewOptions } from './viewOptions.ts';

/**
 * What the page keeps for itself over a reload. VS Code may store it as late as a minute after a change, so the edits and
 * the open sample are not in it: the host stores those at once.
 */
export interface SavedState {
  readonly version: 1;
  readonly iterationId: number | null;
  readonly seconds: readonly number[];
  readonly scoresShown: boolean;
  readonly view: ViewOptions;
}

/** @returns null before the host has answered. */
export function toSavedState(state: PanelState): SavedState | null {
  const { host } = state;
  if (host === null) return null;
  return {
    version: 1,
    iterationId: host.iterationId,
    seconds: state.seconds,
    scoresShown: state.scoresShown,
    view: state.view,
  };
}

/** Whether the saved part of the state has changed. */
export function savedStateChanged(before: PanelState | null, now: PanelState): boolean {
  return (
    before === null ||
    before.host?.iterationId !== now.host?.iterationId ||
    before.seconds !== now.seconds ||
    before.scoresShown !== now.scoresShown ||
    before.view !== now.view
  );
}

/** The saved state; null if it is invalid. */
export function parseSavedState(value: unknown): SavedState | null {
  if (!isRecord(value) || value['version'] !== 1) return null;
  const { iterationId, seconds, scoresShown, view } = value;
  if (!(iterationId === null || typeof iterationId === 'number')) return null;
  if (!Array.isArray(seconds)) return null;
  return {
    version: 1,
    iterationId,
    seconds: seconds.filter((one) => typeof one === 'number'),
    scoresShown: scoresShown === true,
    view: parseViewOptions(view),
  };
}

/** Restores a saved state, after the first state of the host. The times return only in the same iteration. */
export function restoreSavedState(state: PanelState, saved: SavedState): PanelState {
  const same = state.host?.iterationId === saved.iterationId;
  return {
    ...state,
    view: saved.view,
    scoresShown: saved.scoresShown,
    seconds: same ? saved.seconds : state.seconds,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
