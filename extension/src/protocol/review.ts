/** Messages and view models of the review panel. */

import type { AcceptedMany, AcceptMany, ConfidentView } from './confidentImages.ts';

/** A box in pixels of the image as shown (EXIF orientation applied). */
export interface BoxView {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
  readonly classId: number;
}

export interface ClassScoreView {
  readonly classId: number;
  /** 0 to 1. The scores of a box do not add up to 1. */
  readonly score: number;
}

/** A predicted box; `index` is its place among the sample's predictions. */
export interface PredictionView extends BoxView {
  readonly index: number;
  readonly confidence: number;
  /** The highest class scores that were stored, the highest first; undefined if the model has no scores of classes. */
  readonly classScores?: readonly ClassScoreView[];
  /** The index of a surer prediction of the same object; undefined if none is surer. */
  readonly surer?: number;
}

export type VerdictView =
  | 'accepted'
  | 'corrected'
  /** Corrected where the model predicted nothing, so that all boxes are the reviewer's. */
  | 'labelled'
  | 'rejected-background'
  | 'rejected-unusable'
  | 'rejected-later'
  | 'skipped';

export interface ScoreView {
  readonly id: string;
  readonly title: string;
  /** What it means, for a tooltip. */
  readonly description: string;
  /** 0…1, higher = more uncertain; null where the metric has no honest value. */
  readonly value: number | null;
  /** Why there is no value, in plain words; null where there is one, or where the reason is not known. */
  readonly reason: string | null;
}

export interface QueueEntry {
  /** Below 0 for an image of a list, which is no sample of a batch. */
  readonly sampleId: number;
  readonly verdict: VerdictView | null;
  /** All seconds that the reviewer spent on it, without pauses; null if no time was recorded. */
  readonly seconds: number | null;
}

/** Unsaved edits of a sample with their undo and redo. The host stores them and does not read the texts. */
export interface DraftView {
  /** The saved verdict and boxes that the edits started from. */
  readonly basis: string;
  readonly history: string;
  /** Whether the boxes differ from the saved ones. */
  readonly edited: boolean;
}

/** The sample that is open. */
export interface SampleView {
  readonly sampleId: number;
  readonly imageUrl: string;
  /** Relative to the dataset, for the header. */
  readonly path: string;
  readonly width: number;
  readonly height: number;
  readonly predictions: readonly PredictionView[];
  /** Boxes of the label file, where a verdict wrote one; null = no label file. */
  readonly labels: readonly BoxView[] | null;
  readonly verdict: VerdictView | null;
  readonly scores: readonly ScoreView[];
  readonly minConfidence: number | null;
  readonly maxConfidence: number | null;
  readonly reasons: readonly string[];
  /** Predictions are hidden until the verdict, since the image will be used to measure models. */
  readonly blind: boolean;
  /** The edits that no verdict has saved yet, as stored last; null if there are none. */
  readonly draft: DraftView | null;
}

/** One change of the labels of the open image. Boxes are in pixels; null = no label file. */
export interface ChangeView {
  readonly eventId: number;
  /** Who or what, and when, in the user's language. */
  readonly title: string;
  readonly verdictBefore: VerdictView | null;
  readonly verdictAfter: VerdictView | null;
  readonly before: readonly BoxView[] | null;
  readonly after: readonly BoxView[] | null;
}

/** A verdict of an image, as commands name it. */
export interface VerdictLine {
  /** Null if labels from before any verdict were restored. */
  readonly verdict: VerdictView | null;
  /** The name of the image file. */
  readonly name: string;
  /** The same for verdicts that were given together; null for a single one. */
  readonly group: string | null;
  /** The number of images that it is about. */
  readonly count: number;
}

/** The thresholds of a batch. */
export interface ThresholdsView {
  /** For classes without a separate threshold. */
  readonly base: number;
  /** By class id: the threshold, and how many predictions were judged and right in earlier batches. */
  readonly classes: Readonly<
    Record<number, { readonly from: number; readonly judged: number; readonly right: number }>
  >;
  /** What the reviewer chose for all classes instead; null if nothing. */
  readonly chosen: number | null;
}

/** Everything the panel shows; sent whole at every change. */
export interface ReviewState {
  readonly sessionId: number;
  /** Null while the session has no batch to show, and for a list of images. */
  readonly iterationId: number | null;
  readonly sessionName: string;
  readonly iterationNumber: number;
  /** What the queue holds if it is a list of images instead of a batch; null for a batch. */
  readonly listTitle: string | null;
  readonly classNames: readonly string[];
  readonly queue: readonly QueueEntry[];
  /** The samples with unsaved edits, as stored last. */
  readonly drafts: readonly number[];
  /** Null when the queue is empty. */
  readonly current: SampleView | null;
  /** The verdict that an undo would take back; null if there is none. */
  readonly undo: VerdictLine | null;
  /** The verdict that a redo would give again. */
  readonly redo: VerdictLine | null;
  /** From which confidence on predictions are shown and written by an accept. */
  readonly thresholds: ThresholdsView;
  /** False once the iteration is over: the panel then only shows. */
  readonly editable: boolean;
  /** Why it is not editable, or what to do next when the queue is done. */
  readonly notice: string | null;
}

/** A state without the queue if that is what the page has: of 10,000 samples, it takes longer than the rest. */
export type ReviewUpdate = Omit<ReviewState, 'queue'> & { readonly queue: readonly QueueEntry[] | null };

export type DecisionMessage =
  | {
      readonly verdict: 'accepted';
      /** The indexes of exactly the predictions that are saved. */
      readonly kept: readonly number[];
      readonly confirmBackground: boolean;
    }
  | { readonly verdict: 'corrected'; readonly boxes: readonly BoxView[] }
  | { readonly verdict: 'rejected-background' | 'rejected-unusable' | 'rejected-later' | 'skipped' };

/** What commands of VS Code ask of the panel: each key of the review is a keybinding of one. */
export type ReviewAction =
  | 'accept'
  | 'save-corrections'
  | 'reject'
  | 'reject-background'
  | 'reject-unusable'
  | 'reject-later'
  | 'skip'
  | 'accept-confident'
  | 'undo'
  | 'redo'
  | 'next'
  | 'previous'
  | 'next-box'
  | 'previous-box'
  | 'next-doubtful-box'
  | 'toggle-keep'
  | 'next-alternative'
  | 'next-candidate'
  | 'apply-threshold'
  | 'keep-only'
  | 'move-box'
  | 'delete-box'
  | 'draw-box'
  | 'change-class'
  | 'copy-box'
  | 'paste-box'
  | 'duplicate-box'
  | 'repeat-boxes'
  | 'undo-edit'
  | 'redo-edit'
  | 'zoom-in'
  | 'zoom-out'
  | 'zoom-fit'
  | 'zoom-actual'
  | 'zoom-box'
  | 'keep-zoom'
  | 'brighter'
  | 'darker'
  | 'more-contrast'
  | 'less-contrast'
  | 'reset-light'
  | 'toggle-boxes'
  | 'compare'
  | 'show-keys';

export type ReviewFromHost = {
  readonly events: {
    readonly 'review/state': ReviewState;
    readonly 'review/action': {
      readonly action: ReviewAction;
      /** Of `change-class`: the class to give, from 0. Without it the page asks. */
      readonly classId?: number;
    };
  };
  readonly requests: Record<string, never>;
};

export type ReviewFromWebview = {
  readonly events: Record<string, never>;
  readonly requests: {
    /** First message: the strings in the user's language (by English text) and the state. */
    readonly 'review/ready': {
      readonly payload: null;
      readonly reply: {
        readonly strings: Readonly<Record<string, string>>;
        readonly state: ReviewState;
        /** Whether the user had opened the current sample before a reload, perhaps after its verdict. */
        readonly chosen: boolean;
      };
    };
    readonly 'review/open': {
      readonly payload: {
        readonly sampleId: number;
        /** Whether the user chose this sample; otherwise it is what follows a verdict. */
        readonly chosen?: boolean;
        /** Take over what another program wrote into the label file, after `edited-outside`. */
        readonly rescan?: boolean;
      };
      readonly reply: ReviewUpdate;
    };
    /** Samples that the page may show next, so that it need not wait for them. Those that cannot be read are left out. */
    readonly 'review/samples': {
      readonly payload: { readonly sampleIds: readonly number[] };
      readonly reply: readonly SampleView[];
    };
    /**
     * The reply comes when the verdict is on disk; nothing else delays it. Fails with `edited-outside` unless
     * `overwrite`.
     */
    readonly 'review/submit': {
      readonly payload: {
        readonly sampleId: number;
        readonly decision: DecisionMessage;
        readonly reviewSeconds: number;
        readonly overwrite: boolean;
      };
      readonly reply: null;
    };
    /** The samples of the batch that can be accepted together, the least sure first. */
    readonly 'review/confident': { readonly payload: null; readonly reply: readonly ConfidentView[] };
    /** Accepts exactly these boxes of several samples, which one undo takes back. */
    readonly 'review/accept-many': {
      readonly payload: AcceptMany;
      readonly reply: { readonly state: ReviewState; readonly outcome: AcceptedMany };
    };
    /** Stores the edits of a sample, or removes them with null. Sent after each edit. */
    readonly 'review/draft': {
      readonly payload: { readonly sampleId: number; readonly draft: DraftView | null };
      readonly reply: null;
    };
    /** Stores the threshold that the reviewer chose for the batch; null returns to those of the classes. */
    readonly 'review/threshold': { readonly payload: { readonly chosen: number | null }; readonly reply: null };
    /** The changes of a sample's labels, the newest first. */
    readonly 'review/history': {
      readonly payload: { readonly sampleId: number };
      readonly reply: readonly ChangeView[];
    };
    /** Restores the labels from before or after a change. Fails with `edited-outside` as a verdict does. */
    readonly 'review/restore': {
      readonly payload: { readonly sampleId: number; readonly eventId: number; readonly side: 'before' | 'after' };
      readonly reply: ReviewState;
    };
    readonly 'review/redo': { readonly payload: { readonly overwrite: boolean }; readonly reply: ReviewState };
    readonly 'review/undo': { readonly payload: { readonly overwrite: boolean }; readonly reply: ReviewState };
    readonly 'review/add-class': { readonly payload: { readonly name: string }; readonly reply: ReviewState };
    /** Ends the review and begins the next iteration. */
    readonly 'review/train-next': { readonly payload: null; readonly reply: null };
    readonly 'review/show-metrics': { readonly payload: null; readonly reply: null };
    /** Opens VS Code's keyboard shortcuts at those of the product. */
    readonly 'review/change-keys': { readonly payload: null; readonly reply: null };
  };
};
