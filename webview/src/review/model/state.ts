import type { DecisionMessage, ReviewState, SampleView } from '../../../../extension/src/protocol/review.ts';
import type { Problem } from '../../bridge/request.ts';
import { noAnnouncement, type Announcement } from '../../bridge/store.ts';
import { initialWork, sameBoxes, type Work } from './boxes.ts';
import { type History, pushWork, startHistory } from './history.ts';

export type Prompt = 'reject' | 'background' | 'class' | 'keys';
export type Busy = 'start' | 'open' | 'submit' | 'undo' | 'add-class' | 'leave';

/** What failed, so that it can be tried again. */
export type Attempt =
  | { readonly kind: 'start' }
  | { readonly kind: 'open'; readonly sampleId: number }
  | { readonly kind: 'submit'; readonly sampleId: number; readonly decision: DecisionMessage }
  | { readonly kind: 'undo' }
  | { readonly kind: 'add-class'; readonly name: string }
  | { readonly kind: 'train-next' }
  | { readonly kind: 'show-metrics' }
  | { readonly kind: 'change-keys' };

/** Edits of a sample and what its boxes on disk were when they began. */
export interface Draft {
  readonly history: History;
  readonly basis: string;
}

/** Everything the page shows. Only `host` comes from outside. */
export interface PanelState {
  readonly host: ReviewState | null;
  /** The open sample's edits; null without a sample. */
  readonly draft: Draft | null;
  /** Edits of samples that were left without a verdict. */
  readonly drafts: ReadonlyMap<number, Draft>;
  /** Edits that were saved, so that an undo of the verdict brings them back. */
  readonly saved: ReadonlyMap<number, Work>;
  readonly selected: number | null;
  readonly hovered: number | null;
  /** Offered boxes are shown from this confidence on. */
  readonly slider: number;
  readonly boxesHidden: boolean;
  readonly drawing: boolean;
  /** Class of the next drawn box. */
  readonly nextClass: number;
  readonly prompt: Prompt | null;
  readonly busy: Busy | null;
  readonly problem: Problem<Attempt> | null;
  /** The host does not answer any more. */
  readonly lost: boolean;
  readonly image: 'loading' | 'ready' | 'failed';
  /** The user opened this sample although nothing is left to judge. */
  readonly browsing: boolean;
  /** Seconds of the verdicts given here, newest last. */
  readonly seconds: readonly number[];
  readonly announcement: Announcement;
}

export const initialState: PanelState = {
  host: null,
  draft: null,
  drafts: new Map(),
  saved: new Map(),
  selected: null,
  hovered: null,
  slider: 0.25,
  boxesHidden: false,
  drawing: false,
  nextClass: 0,
  prompt: null,
  busy: 'start',
  problem: null,
  lost: false,
  image: 'loading',
  browsing: false,
  seconds: [],
  announcement: noAnnouncement,
};

export function basisOf(sample: SampleView): string {
  return JSON.stringify([sample.verdict, sample.labels]);
}

export function freshDraft(host: ReviewState, sample: SampleView): Draft {
  return { history: startHistory(firstWork(host, sample)), basis: basisOf(sample) };
}

/** Samples are never changed, and every edit is compared with how they began. */
const firstWorks = new WeakMap<SampleView, { readonly shownConfidence: number; readonly work: Work }>();

/** The boxes of the sample before any edit. */
export function firstWork({ shownConfidence }: ReviewState, sample: SampleView): Work {
  const known = firstWorks.get(sample);
  if (known?.shownConfidence === shownConfidence) return known.work;
  const work = initialWork(sample, shownConfidence);
  firstWorks.set(sample, { shownConfidence, work });
  return work;
}

/** The draft with the sample's own boxes as its first step, so that an undo leads back to them. */
export function rooted(draft: Draft, host: ReviewState, sample: SampleView): Draft {
  if (draft.history.past.length > 0) return draft;
  const first = startHistory(firstWork(host, sample));
  if (sameBoxes(first.present, draft.history.present)) return draft;
  return { ...draft, history: pushWork(first, draft.history.present) };
}

/** Whether the draft would save other boxes than the sample shows by itself. */
export function isEdited(draft: Draft, host: ReviewState, sample: SampleView): boolean {
  return !sameBoxes(draft.history.present, firstWork(host, sample));
}

/** The open sample with its boxes, or null where none is open. */
export interface OpenSample {
  readonly host: ReviewState;
  readonly sample: SampleView;
  readonly draft: Draft;
  readonly work: Work;
}

export function openSample(state: PanelState): OpenSample | null {
  const { host, draft } = state;
  const sample = host?.current ?? null;
  if (host === null || sample === null || draft === null) return null;
  return { host, sample, draft, work: draft.history.present };
}

/** Nothing is left to judge. */
export function isAllJudged({ host }: PanelState): boolean {
  if (host === null || host.queue.length === 0 || !host.editable) return false;
  return host.queue.every((entry) => entry.verdict !== null);
}

/** Nothing is left to judge, and the user does not look at a sample on purpose. */
export function isDone(state: PanelState): boolean {
  return !state.browsing && isAllJudged(state);
}
