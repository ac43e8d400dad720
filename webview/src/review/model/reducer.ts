import type { BoxView, ReviewState, SampleView } from '../../../../extension/src/protocol/review.ts';
import { announce, Store } from '../../bridge/store.ts';
import type { BoxSet } from './boxes.ts';
import { copyOf } from './clipboard.ts';
import type { ViewOptions } from './viewOptions.ts';
import { editStateOf } from './editState.ts';
import { storedDraft } from './draftText.ts';
import { hasSteps, pushBoxSet, redoEdit, startHistory, undoEdit } from './history.ts';
import {
  basisOf,
  type Draft,
  originalBoxSet,
  newDraft,
  initialState,
  isEdited,
  openSample,
  withOriginalAsFirstStep,
  type PanelState,
  type Prompt,
  type Busy,
} from './state.ts';

export type PanelEvent =
  | {
      readonly type: 'host';
      readonly state: ReviewState;
      /** The sample whose edits are saved (an undo brings them back) or dropped. */
      readonly settled?: { readonly sampleId: number; readonly how: 'saved' | 'dropped' };
      /** A verdict was undone: the edits that it saved return. */
      readonly undone?: boolean;
    }
  | { readonly type: 'edit'; readonly boxSet: BoxSet; readonly tag?: string; readonly select?: number | null }
  | { readonly type: 'undo-edit' | 'redo-edit' | 'revert' }
  | { readonly type: 'select'; readonly key: number | null }
  | { readonly type: 'move-box'; readonly on: boolean }
  | { readonly type: 'outcome'; readonly outcome: string }
  | { readonly type: 'hover'; readonly key: number | null }
  | { readonly type: 'threshold'; readonly chosen: number | null }
  | { readonly type: 'show-scores'; readonly on: boolean }
  | { readonly type: 'toggle-boxes' | 'compare' }
  | { readonly type: 'view'; readonly change: Partial<ViewOptions> }
  | { readonly type: 'copied'; readonly boxes: readonly BoxView[] }
  | { readonly type: 'draw'; readonly on: boolean }
  | { readonly type: 'next-class'; readonly classId: number }
  | { readonly type: 'prompt'; readonly prompt: Prompt | null }
  | { readonly type: 'busy'; readonly busy: Busy | null }
  | { readonly type: 'problem'; readonly problem: PanelState['problem'] }
  | { readonly type: 'lost'; readonly lost: boolean }
  | { readonly type: 'image'; readonly image: PanelState['image'] }
  | { readonly type: 'browse'; readonly on: boolean }
  | { readonly type: 'announce'; readonly text: string }
  | { readonly type: 'painted'; readonly sampleId: number }
  | { readonly type: 'wait'; readonly sampleId: number | null }
  | { readonly type: 'ahead'; readonly samples: readonly SampleView[] }
  | { readonly type: 'refuse'; readonly text: string };

export type ReviewStore = Store<PanelState, PanelEvent>;

export function createReviewStore(): ReviewStore {
  return new Store(initialState, reduce);
}

/** Number of classes that the class picker shows first. */
const mostRecentClasses = 5;

/** The page's next state. */
function reduce(state: PanelState, event: PanelEvent): PanelState {
  switch (event.type) {
    case 'host':
      return takeHostState(state, event);
    case 'edit':
      return {
        ...withDraft(state, (draft) => ({
          ...draft,
          history: pushBoxSet(draft.history, event.boxSet, event.tag ?? null),
        })),
        ...(event.select === undefined ? {} : selectBox(state, event.select)),
      };
    case 'undo-edit':
      return withDraft(state, (draft) => ({ ...draft, history: undoEdit(draft.history) }));
    case 'redo-edit':
      return withDraft(state, (draft) => ({ ...draft, history: redoEdit(draft.history) }));
    case 'revert':
      return revert(state);
    case 'select':
      if (state.selected === event.key) return state;
      return { ...state, ...selectBox(state, event.key), prompt: withoutClass(state) };
    case 'move-box':
      return { ...state, moving: event.on && state.selected !== null };
    case 'hover':
      return state.hovered === event.key ? state : { ...state, hovered: event.key };
    case 'threshold':
      return chooseThreshold(state, event.chosen);
    case 'show-scores':
      return { ...state, scoresShown: event.on };
    case 'toggle-boxes':
      return { ...state, boxesHidden: !state.boxesHidden };
    case 'compare':
      return { ...state, comparing: !state.comparing };
    case 'view':
      return { ...state, view: { ...state.view, ...event.change } };
    case 'copied':
      return { ...state, copied: event.boxes };
    case 'draw':
      return { ...state, drawing: event.on, boxesHidden: event.on ? false : state.boxesHidden };
    case 'next-class':
      return { ...state, nextClass: event.classId, recentClasses: withRecent(state.recentClasses, event.classId) };
    case 'prompt':
      return { ...state, prompt: event.prompt };
    case 'busy':
      return { ...state, busy: event.busy, outcome: event.busy === null ? state.outcome : null };
    case 'problem':
      return { ...state, problem: event.problem };
    case 'lost':
      return { ...state, lost: event.lost };
    case 'image':
      return { ...state, image: event.image };
    case 'browse':
      return { ...state, browsing: event.on };
    case 'outcome':
      return { ...state, outcome: event.outcome };
    case 'announce':
      return { ...state, announcement: announce(state.announcement, event.text) };
    case 'painted':
      return event.sampleId === state.host?.current?.sampleId ? { ...state, painted: event.sampleId } : state;
    case 'wait':
      return { ...state, waiting: event.sampleId, busy: event.sampleId === null ? null : 'open' };
    case 'ahead':
      return { ...state, ahead: event.samples };
    case 'refuse':
      return {
        ...state,
        refusal: announce(state.refusal, event.text),
        announcement: announce(state.announcement, event.text),
      };
  }
}

function takeHostState(state: PanelState, event: Extract<PanelEvent, { type: 'host' }>): PanelState {
  const { settled } = event;
  const host = withOwnThreshold(event.state, state.host);
  const before = openSample(state);
  const drafts = new Map(state.drafts);
  const saved = new Map(state.saved);
  if (before !== null && hasSteps(before.draft.history)) {
    const edited = isEdited(before.draft, before.host, before.sample);
    drafts.set(before.sample.sampleId, { ...before.draft, edited });
  }
  if (settled !== undefined) {
    const given = drafts.get(settled.sampleId);
    if (given?.edited === true && settled.how === 'saved') saved.set(settled.sampleId, given.history.present);
    drafts.delete(settled.sampleId);
  }
  const sample = host.current;
  let draft: Draft | null = null;
  if (sample !== null) {
    const returned = event.undone === true ? saved.get(sample.sampleId) : undefined;
    const same = before !== null && before.sample.sampleId === sample.sampleId && settled === undefined;
    const basis = basisOf(sample);
    const keptOn = same && before.draft.basis === basis ? before.draft : undefined;
    // Without a difference to the labels that they started from, there is nothing to keep for others.
    const left = [drafts.get(sample.sampleId), settled === undefined ? storedDraft(sample) : null].find(
      (one) => one !== null && one !== undefined && (one.edited || one.basis === basis),
    );
    draft = keptOn ?? (left ? withOriginalAsFirstStep(left, host, sample) : newDraft(host, sample));
    if (returned !== undefined && left?.edited !== true) {
      draft = withOriginalAsFirstStep({ history: startHistory(returned), basis: basisOf(sample) }, host, sample);
      saved.delete(sample.sampleId);
    }
    drafts.delete(sample.sampleId);
  }
  const left = before !== null && before.sample.sampleId !== sample?.sampleId ? before : null;
  const stays = sample !== null && sample.sampleId === before?.sample.sampleId && settled === undefined;
  const sameImage = sample !== null && sample.imageUrl === before?.sample.imageUrl;
  return {
    ...state,
    host,
    draft,
    drafts,
    saved,
    selected: stays ? state.selected : null,
    moving: stays && state.moving,
    previousBoxes: left === null ? state.previousBoxes : left.boxSet.boxes.map(copyOf),
    hovered: stays ? state.hovered : null,
    drawing: stays && state.drawing,
    boxesHidden: stays && state.boxesHidden,
    prompt: stays ? state.prompt : null,
    problem: stays ? state.problem : null,
    image: sameImage ? state.image : 'loading',
    painted: sample !== null && sample.sampleId === state.painted ? state.painted : null,
    nextClass: Math.min(state.nextClass, Math.max(0, host.classNames.length - 1)),
  };
}

/** What the user chose on this page for the batch: the host may have sent its state before it heard of it. */
function withOwnThreshold(host: ReviewState, before: ReviewState | null): ReviewState {
  if (before === null || before.sessionId !== host.sessionId || before.iterationId !== host.iterationId) return host;
  const { chosen } = before.thresholds;
  const same = JSON.stringify({ ...host.thresholds, chosen }) === JSON.stringify(before.thresholds);
  return { ...host, thresholds: same ? before.thresholds : { ...host.thresholds, chosen } };
}

/** Another threshold for all classes. Boxes that the user has edited stay as they are. */
function chooseThreshold(state: PanelState, chosen: number | null): PanelState {
  if (state.host === null) return state;
  const open = openSample(state);
  const host = { ...state.host, thresholds: { ...state.host.thresholds, chosen } };
  const follows = open !== null && !editStateOf(open).edited;
  const drafts = new Map([...state.drafts].filter(([, { edited }]) => edited));
  return { ...state, host, drafts, draft: follows ? newDraft(host, open.sample) : state.draft };
}

/** Restores the original boxes. An undo brings the edits back. */
function revert(state: PanelState): PanelState {
  const open = openSample(state);
  if (open === null) return state;
  const boxSet = originalBoxSet(open.host, open.sample);
  return withDraft({ ...state, ...selectBox(state, null) }, (draft) => ({
    history: pushBoxSet(draft.history, boxSet),
    basis: basisOf(open.sample),
  }));
}

/** Another box is not moved by the arrow keys until the user asks for it. */
function selectBox(state: PanelState, key: number | null): Pick<PanelState, 'selected' | 'moving'> {
  return { selected: key, moving: state.moving && state.selected === key };
}

function withRecent(classes: readonly number[], classId: number): readonly number[] {
  return [classId, ...classes.filter((one) => one !== classId)].slice(0, mostRecentClasses);
}

function withDraft(state: PanelState, change: (draft: Draft) => Draft): PanelState {
  return state.draft === null ? state : { ...state, draft: change(state.draft), prompt: withoutBackground(state) };
}

/** Closes the question about background, which was about the previous boxes. */
function withoutBackground(state: PanelState): Prompt | null {
  return state.prompt === 'background' ? null : state.prompt;
}

function withoutClass(state: PanelState): Prompt | null {
  return state.prompt === 'class' ? null : state.prompt;
}
