import type { DecisionMessage } from '../../../../extension/src/protocol/review.ts';
import { decisionFor, type ShownBox, shownBoxes } from './boxes.ts';
import { type Draft, isEdited, openSample, originalBoxSet, type OpenSample, type PanelState } from './state.ts';

interface EditState {
  /** Whether the boxes differ from the original ones. */
  readonly edited: boolean;
  /** The verdict that the accept key would send. */
  readonly decision: DecisionMessage;
}

interface Known {
  readonly open: OpenSample;
  readonly editStateOf: EditState;
}

interface KnownBoxes {
  readonly open: OpenSample;
  readonly shown: readonly ShownBox[];
}

/** Caches: many components ask at every change, which is slow with thousands of boxes. */
const known = new WeakMap<Draft, Known>();
const knownBoxes = new WeakMap<Draft, KnownBoxes>();

/** Whether the open sample is edited, and the verdict on its boxes. */
export function editStateOf(open: OpenSample): EditState {
  const before = known.get(open.draft);
  if (before !== undefined && isSame(before.open, open)) return before.editStateOf;
  const value: EditState = {
    edited: isEdited(open.draft, open.host, open.sample),
    decision: decisionFor(open.boxSet, open.sample, open.host.thresholds),
  };
  known.set(open.draft, { open, editStateOf: value });
  return value;
}

/** The boxes on the canvas and in the list. The same array until they change. */
export function visibleBoxes(state: PanelState): readonly ShownBox[] {
  const open = openSample(state);
  if (open === null) return none;
  const before = knownBoxes.get(open.draft);
  if (before !== undefined && isSame(before.open, open)) return before.shown;
  const shown = shownBoxes(open.boxSet, open.sample, open.host.thresholds, originalBoxSet(open.host, open.sample));
  knownBoxes.set(open.draft, { open, shown });
  return shown;
}

/** Whether a sample is open and has edits. */
export function hasEdits(state: PanelState): boolean {
  const open = openSample(state);
  return open !== null && editStateOf(open).edited;
}

const none: readonly ShownBox[] = [];

function isSame(a: OpenSample, b: OpenSample): boolean {
  return a.sample === b.sample && a.host === b.host;
}
