import type { ConfidentView } from '../../../../extension/src/protocol/confidentImages.ts';
import type {
  BoxView,
  DecisionMessage,
  ReviewState,
  SampleView,
  ThresholdsView,
} from '../../../../extension/src/protocol/review.ts';
import type { Problem } from '../../bridge/request.ts';
import { noAnnouncement, type Announcement } from '../../bridge/store.ts';
import { initialBoxSet, sameBoxes, type BoxSet } from './boxes.ts';
import { defaultView, type ViewOptions } from './viewOptions.ts';
import { type History, pushBoxSet, startHistory } from './history.ts';

export type Prompt = 'reject' | 'background' | 'class' | 'keys' | 'confident';
export type Busy = 'start' | 'open' | 'submit' | 'undo' | 'redo' | 'add-class' | 'leave';

/** A sample that is accepted together with others, and its boxes. */
export type Acceptable = Pick<ConfidentView, 'sampleId' | 'kept'>;

/** A request that can fail, so that the user can send it again. */
export type Attempt =
  | { readonly kind: 'start' }
  | { readonly kind: 'open' | 'reload' | 'history'; readonly sampleId: number }
  | {
      readonly kind: 'restore';
      readonly sampleId: number;
      readonly eventId: number;
      readonly side: 'before' | 'after';
    }
  | { readonly kind: 'submit'; readonly sampleId: number; readonly decision: DecisionMessage }
  | { readonly kind: 'accept-many'; readonly samples: readonly Acceptable[] }
  | { readonly kind: 'draft' | 'threshold' | 'confident' }
  | { readonly kind: 'undo' | 'redo' }
  | { readonly kind: 'add-class'; readonly name: string }
  | { readonly kind: 'train-next' }
  | { readonly kind: 'show-metrics' }
  | { readonly kind: 'change-keys' };

/** Edits of a sample. `basis` identifies the saved labels that they started from. */
export interface Draft {
  readonly history: History;
  readonly basis: string;
}

/** The edits of a sample that is not open. */
export interface LeftDraft extends Draft {
  /** Whether the boxes differ from the saved ones. */
  readonly edited: boolean;
}

/** The state of the page. Only `host` comes from the extension host. */
export interface PanelState {
  readonly host: ReviewState | null;
  /** The open sample's edits; null without a sample. */
  readonly draft: Draft | null;
  /** Edits of other samples in this life of the page, which are newer than those of the host. */
  readonly drafts: ReadonlyMap<number, LeftDraft>;
  /** Saved edits, which return if the verdict is undone. */
  readonly saved: ReadonlyMap<number, BoxSet>;
  readonly selected: number | null;
  /** The arrow keys move the selected box instead of changing the image. */
  readonly moving: boolean;
  readonly hovered: number | null;
  readonly boxesHidden: boolean;
  /** The predictions are shown beside the boxes. */
  readonly comparing: boolean;
  readonly view: ViewOptions;
  /** The boxes that were copied last, in pixels of their image. */
  readonly copied: readonly BoxView[];
  /** The boxes of the image that was open before. */
  readonly previousBoxes: readonly BoxView[];
  readonly drawing: boolean;
  /** The class of the next drawn box. */
  readonly nextClass: number;
  /** The classes that the user chose last, newest first. */
  readonly recentClasses: readonly number[];
  readonly prompt: Prompt | null;
  readonly busy: Busy | null;
  readonly problem: Problem<Attempt> | null;
  /** What became of images that were accepted together, until the next request. */
  readonly outcome: string | null;
  /** The host no longer answers. */
  readonly lost: boolean;
  readonly image: 'loading' | 'ready' | 'failed';
  /** The sample whose image, or whose failure, is on the screen; null until the open one is. */
  readonly painted: number | null;
  /** The sample that the user went to and that is not here yet. */
  readonly waiting: number | null;
  /** Samples that may come next, the most probable ones first. */
  readonly ahead: readonly SampleView[];
  /** Why the last key or click did nothing. */
  readonly refusal: Announcement;
  /** Whether the scores below the reasons are unfolded. */
  readonly scoresShown: boolean;
  /** The user opened this sample although all samples have a verdict. */
  readonly browsing: boolean;
  readonly announcement: Announcement;
}

export const initialState: PanelState = {
  host: null,
  draft: null,
  drafts: new Map(),
  saved: new Map(),
  selected: null,
  moving: false,
  hovered: null,
  boxesHidden: false,
  comparing: false,
  view: defaultView,
  copied: [],
  previousBoxes: [],
  drawing: false,
  nextClass: 0,
  recentClasses: [],
  prompt: null,
  busy: 'start',
  problem: null,
  outcome: null,
  lost: false,
  image: 'loading',
  painted: null,
  waiting: null,
  ahead: [],
  refusal: noAnnouncement,
  scoresShown: false,
  browsing: false,
  announcement: noAnnouncement,
};

export function basisOf(sample: SampleView): string {
  return JSON.stringify([sample.verdict, sample.labels]);
}

export function newDraft(host: ReviewState, sample: SampleView): Draft {
  return { history: startHistory(originalBoxSet(host, sample)), basis: basisOf(sample) };
}

/** A cache: every edit is compared with the original boxes. */
const originalBoxSets = new WeakMap<SampleView, { readonly thresholds: ThresholdsView; readonly boxSet: BoxSet }>();

/** The boxes of a sample before any edit. */
export function originalBoxSet({ thresholds }: ReviewState, sample: SampleView): BoxSet {
  const known = originalBoxSets.get(sample);
  if (known?.thresholds === thresholds) return known.boxSet;
  const boxSet = initialBoxSet(sample, thresholds);
  originalBoxSets.set(sample, { thresholds, boxSet });
  return boxSet;
}

/** Adds the original boxes as the first step, so that an undo can return to them. */
export function withOriginalAsFirstStep(draft: Draft, host: ReviewState, sample: SampleView): Draft {
  if (draft.history.past.length > 0) return draft;
  const first = startHistory(originalBoxSet(host, sample));
  if (sameBoxes(first.present, draft.history.present)) return draft;
  return { ...draft, history: pushBoxSet(first, draft.history.present) };
}

/** Whether the boxes of the draft differ from the original ones. */
export function isEdited(draft: Draft, host: ReviewState, sample: SampleView): boolean {
  return !sameBoxes(draft.history.present, originalBoxSet(host, sample));
}

/** The open sample with its boxes. */
export interface OpenSample {
  readonly host: ReviewState;
  readonly sample: SampleView;
  readonly draft: Draft;
  readonly boxSet: BoxSet;
}

export function openSample(state: PanelState): OpenSample | null {
  const { host, draft } = state;
  const sample = host?.current ?? null;
  if (host === null || sample === null || draft === null) return null;
  return { host, sample, draft, boxSet: draft.history.present };
}

/** Whether all samples have a verdict. */
export function isAllJudged({ host }: PanelState): boolean {
  if (host === null || host.queue.length === 0 || !host.editable) return false;
  return host.queue.every((entry) => entry.verdict !== null);
}

/** Whether all samples have a verdict and the user has not reopened one. */
export function isDone(state: PanelState): boolean {
  return !state.browsing && isAllJudged(state);
}
