import type { PanelState } from './state.ts';
import { parseViewOptions, type ViewOptions } from './viewOptions.ts';

/**
 * What the page keeps for itself over a reload. VS Code may store it as late as a minute after a change, so the edits and
 * the open sample are not in it: the host stores those at once.
 */
export interface SavedState {
  readonly version: 1;
  readonly scoresShown: boolean;
  readonly view: ViewOptions;
}

/** @returns null before the host has answered. */
export function toSavedState(state: PanelState): SavedState | null {
  if (state.host === null) return null;
  return { version: 1, scoresShown: state.scoresShown, view: state.view };
}

/** Whether the saved part of the state has changed. */
export function savedStateChanged(before: PanelState | null, now: PanelState): boolean {
  return before === null || before.scoresShown !== now.scoresShown || before.view !== now.view;
}

/** The saved state; null if it is invalid. */
export function parseSavedState(value: unknown): SavedState | null {
  if (!isRecord(value) || value['version'] !== 1) return null;
  const { scoresShown, view } = value;
  return { version: 1, scoresShown: scoresShown === true, view: parseViewOptions(view) };
}

/** Restores a saved state, after the first state of the host. */
export function restoreSavedState(state: PanelState, { scoresShown, view }: SavedState): PanelState {
  return { ...state, scoresShown, view };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
