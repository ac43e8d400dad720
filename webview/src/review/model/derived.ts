import type { DecisionMessage } from '../../../../extension/src/protocol/review.ts';
import { decisionFor, type ShownBox, shownBoxes } from './boxes.ts';
import { type Draft, isEdited, openSample, type OpenSample, type PanelState } from './state.ts';

interface Derived {
  /** The boxes differ from what the sample shows by itself. */
  readonly edited: boolean;
  /** What the accept key would send. */
  readonly decision: DecisionMessage;
}

interface Known {
  readonly open: OpenSample;
  readonly derived: Derived;
}

interface KnownBoxes {
  readonly open: OpenSample;
  readonly slider: number;
  readonly shown: readonly ShownBox[];
}

/** Many components ask at every change, most of which are no edits: with thousands of boxes, answering once must do. */
const known = new WeakMap<Draft, Known>();
const knownBoxes = new WeakMap<Draft, KnownBoxes>();

/** What follows from the open sample's boxes. */
export function derived(open: OpenSample): Derived {
  const before = known.get(open.draft);
  if (before !== undefined && isSame(before.open, open)) return before.derived;
  const value: Derived = {
    edited: isEdited(open.draft, open.host, open.sample),
    decision: decisionFor(open.work, open.sample, open.host.shownConfidence),
  };
  known.set(open.draft, { open, derived: value });
  return value;
}

/** The boxes to draw and to list; the same array as long as nothing about them changed. */
export function visibleBoxes(state: PanelState): readonly ShownBox[] {
  const open = openSample(state);
  if (open === null) return none;
  const before = knownBoxes.get(open.draft);
  if (before !== undefined && before.slider === state.slider && isSame(before.open, open)) return before.shown;
  const shown = shownBoxes(open.work, open.sample, state.slider);
  knownBoxes.set(open.draft, { open, slider: state.slider, shown });
  return shown;
}

/** Whether the open sample, if there is one, has edits. */
export function hasEdits(state: PanelState): boolean {
  const open = openSample(state);
  return open !== null && derived(open).edited;
}

const none: readonly ShownBox[] = [];

function isSame(a: OpenSample, b: OpenSample): boolean {
  return a.sample === b.sample && a.host === b.host;
}
