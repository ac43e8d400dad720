import type { VerdictView } from './review.ts';

/** Messages and view models of the grid of images. */

/**
 * Which images are shown. `list`: the images that the grid was opened with. `duplicates`: an image and its near
 * duplicates.
 */
export type GridSource = 'batch' | 'pool' | 'labelled' | 'all' | 'list' | 'duplicates';

export type SplitView = 'train' | 'val' | 'test' | 'pool';

export type ImageStateView = 'unlabelled' | 'labelled' | 'later' | 'unusable' | 'broken' | 'missing';

export interface GridFolderView {
  readonly rootId: number;
  /** Relative to the root, with a slash at the end; empty for the root itself. */
  readonly path: string;
}

/** The order: of the source, by path, or by a value, the highest first. */
export type GridOrder =
  | { readonly kind: 'source' }
  | { readonly kind: 'path' }
  | { readonly kind: 'score'; readonly metric: string }
  | { readonly kind: 'class'; readonly classId: number };

/** What the user chose to see; null means no filter. */
export interface GridQueryView {
  readonly source: GridSource;
  /** The image of the source `duplicates`. */
  readonly like: number | null;
  readonly classId: number | null;
  readonly verdict: Exclude<VerdictView, 'labelled'> | 'none' | null;
  readonly split: SplitView | null;
  readonly folder: GridFolderView | null;
  readonly order: GridOrder;
  readonly reversed: boolean;
}

/** A box as fractions of the image, from its upper left corner. */
export interface GridBoxView {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
  readonly classId: number;
  /** Null for a label. */
  readonly confidence: number | null;
}

export interface GridCellView {
  readonly imageId: number;
  readonly name: string;
  /** Relative to the dataset. */
  readonly path: string;
  /** In pixels; null if the image could not be read. */
  readonly width: number | null;
  readonly height: number | null;
  /** The thumbnail; null if it must be made first. */
  readonly url: string | null;
  readonly state: ImageStateView;
  readonly split: SplitView;
  readonly verdict: VerdictView | null;
  readonly boxes: readonly GridBoxView[];
  /** The value that decides the order; null if there is none. */
  readonly value: number | null;
}

/** What can be chosen. Sent whole at every change. */
export interface GridState {
  readonly sessionName: string;
  readonly classNames: readonly string[];
  /** What the list holds; null without a list. */
  readonly listTitle: string | null;
  /** Number of images of each source; null if there is none. */
  readonly counts: Readonly<Record<Exclude<GridSource, 'duplicates'>, number | null>>;
  readonly metrics: readonly { readonly id: string; readonly title: string }[];
  readonly folders: readonly (GridFolderView & { readonly label: string; readonly images: number })[];
  /** Whether predictions are stored, so that images can be sorted by a class. */
  readonly hasPredictions: boolean;
  /** Whether a batch takes verdicts and more images. */
  readonly isOpen: boolean;
  /** Why nothing can be changed; null if it can. */
  readonly lockReason: string | null;
  /** Number of verdicts that an undo takes back. */
  readonly undoable: number;
}

/** A verdict that many images can share. */
export type SharedVerdictView = Exclude<VerdictView, 'corrected' | 'labelled' | 'skipped'>;

export type LeftOutView = 'judged' | 'edited' | 'no-boxes' | 'not-open' | 'failed';

/** What an action did. */
export interface GridReport {
  readonly kind: 'judged' | 'undone' | 'queued';
  readonly done: number;
  readonly leftOut: Readonly<Partial<Record<LeftOutView, number>>>;
  /** The first failure. */
  readonly failure: string | null;
}

/** A listing stays as it is until the next query, so that places keep their meaning while verdicts change the images. */
export interface GridListing {
  /** Names the listing. Requests with another token are refused with `listing-outdated`. */
  readonly token: number;
  readonly total: number;
}

/** Images by their places in the listing: first and last of each range. */
export type Places = readonly (readonly [first: number, last: number])[];

export type GridFromHost = {
  readonly events: {
    /** The images may have changed as well: the page asks for the visible ones again. */
    readonly 'grid/state': GridState;
    /** A command asks for these images. */
    readonly 'grid/show': GridQueryView;
    /** A thumbnail that was asked for; null if it cannot be made. */
    readonly 'grid/thumbnail': { readonly imageId: number; readonly url: string | null };
  };
  readonly requests: Record<string, never>;
};

export type GridFromWebview = {
  readonly events: Record<string, never>;
  readonly requests: {
    /** First message: the strings in the user's language (by English text), the state and what to show first. */
    readonly 'grid/ready': {
      readonly payload: null;
      readonly reply: {
        readonly strings: Readonly<Record<string, string>>;
        readonly state: GridState;
        readonly start: GridQueryView;
        /** Whether a command asks for the start: it comes before what the page showed when it was hidden. */
        readonly isAsked: boolean;
        /** The listing of the last query, if the host still has it. */
        readonly listing: GridListing | null;
      };
    };
    readonly 'grid/query': { readonly payload: GridQueryView; readonly reply: GridListing };
    /** Images from a place on: fewer at the end, and null for one that is no longer in the dataset. */
    readonly 'grid/cells': {
      readonly payload: { readonly token: number; readonly first: number; readonly count: number };
      readonly reply: readonly (GridCellView | null)[];
    };
    /** Makes these thumbnails, in this order, instead of those that were asked for before. */
    readonly 'grid/thumbnails': { readonly payload: { readonly imageIds: readonly number[] }; readonly reply: null };
    /** Gives the verdict to each image that has none. Fails with `cancelled` if the user does not confirm. */
    readonly 'grid/judge': {
      readonly payload: { readonly token: number; readonly places: Places; readonly verdict: SharedVerdictView };
      readonly reply: GridReport;
    };
    /** Takes back the verdicts of the last `grid/judge`. */
    readonly 'grid/undo': { readonly payload: null; readonly reply: GridReport };
    /** Adds images of the pool to the open batch. */
    readonly 'grid/queue': {
      readonly payload: { readonly token: number; readonly places: Places };
      readonly reply: GridReport;
    };
    /** Opens an image in the review editor, with the other chosen ones if it is one of several. */
    readonly 'grid/open': {
      readonly payload: { readonly token: number; readonly place: number; readonly places: Places };
      readonly reply: null;
    };
  };
};
