import type {
  GridCellView,
  GridListing,
  GridQueryView,
  GridReport,
  GridState,
  Places,
  SharedVerdictView,
} from '../../../../extension/src/protocol/grid.ts';
import type { Problem } from '../../bridge/request.ts';
import { noAnnouncement, Store, type Announcement } from '../../bridge/store.ts';
import { isObject, isQuery } from './messages.ts';
import { noPlaces } from './places.ts';

/** A request that can fail, so that the user can send it again. */
export type Attempt =
  | { readonly kind: 'start' }
  | { readonly kind: 'query'; readonly query: GridQueryView }
  | { readonly kind: 'cells' }
  | { readonly kind: 'open'; readonly place: number }
  | { readonly kind: 'act'; readonly action: GridAction };

/** What is done to the chosen images. */
export type GridAction = SharedVerdictView | 'queue' | 'undo';

/** The user's choices on the page. They survive a reload. */
export interface GridView {
  /** Null until the host has said what to show first. */
  readonly query: GridQueryView | null;
  /** Wanted width of a cell, in CSS pixels. */
  readonly size: number;
  readonly showBoxes: boolean;
}

export interface PanelState {
  /** Null until the host has answered. */
  readonly host: GridState | null;
  readonly view: GridView;
  /** Null until the first query is answered. */
  readonly listing: GridListing | null;
  /** Whether a query is on its way. */
  readonly loading: boolean;
  /** The images that were read, by place; null for one that is no longer in the dataset. */
  readonly cells: ReadonlyMap<number, GridCellView | null>;
  /** The cell with the keyboard focus. */
  readonly focus: number;
  /** Where a range begins that Shift extends. */
  readonly anchor: number;
  readonly chosen: Places;
  /** Whether an action is on its way. */
  readonly acting: boolean;
  /** What the last action did. */
  readonly report: GridReport | null;
  /** What was shown before the near duplicates. */
  readonly before: GridQueryView | null;
  readonly problem: Problem<Attempt> | null;
  /** The host no longer answers. */
  readonly lost: boolean;
  readonly announcement: Announcement;
}

export const smallestCell = 80;
export const largestCell = 256;
const initialView: GridView = { query: null, size: 144, showBoxes: true };

const initialState: PanelState = {
  host: null,
  view: initialView,
  listing: null,
  loading: false,
  cells: new Map(),
  focus: 0,
  anchor: 0,
  chosen: noPlaces,
  acting: false,
  report: null,
  before: null,
  problem: null,
  lost: false,
  announcement: noAnnouncement,
};

type GridStore = Store<PanelState, Partial<PanelState>>;

/** A store whose events are the changed fields. */
export function createGridStore(): GridStore {
  return new Store(initialState, (state, changes) => ({ ...state, ...changes }));
}

/** What the page stores over a reload: its choices, and where it was. */
export interface Kept {
  readonly view: GridView;
  /** The listing to which the places belong. */
  readonly token: number | null;
  readonly focus: number;
  readonly chosen: Places;
}

/** What the page stored before a reload. Invalid parts get their defaults. */
export function readKept(kept: unknown): Kept {
  const { view, token, focus, chosen } = isObject(kept) ? kept : {};
  return {
    view: readView(view),
    token: typeof token === 'number' ? token : null,
    focus: isPlace(focus) ? focus : 0,
    chosen: Array.isArray(chosen) && chosen.every(isRange) ? chosen : noPlaces,
  };
}

function readView(kept: unknown): GridView {
  if (!isObject(kept)) return initialView;
  const { query, size, showBoxes } = kept;
  return {
    query: isQuery(query) ? query : null,
    size: typeof size === 'number' && size >= smallestCell && size <= largestCell ? size : initialView.size,
    showBoxes: typeof showBoxes === 'boolean' ? showBoxes : initialView.showBoxes,
  };
}

function isPlace(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0;
}

function isRange(value: unknown): value is readonly [number, number] {
  return Array.isArray(value) && value.length === 2 && value.every(isPlace);
}
