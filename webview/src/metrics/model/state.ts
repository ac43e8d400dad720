import type { MetricsState } from '../../../../extension/src/protocol/metrics.ts';
import type { Problem } from '../../bridge/request.ts';
import { noAnnouncement, Store, type Announcement } from '../../bridge/store.ts';
import { initialView, type PanelView } from './view.ts';

/** A request that can fail, so that the user can send it again. */
export type Attempt =
  | { readonly kind: 'start' }
  | { readonly kind: 'open-run'; readonly runId: string }
  | { readonly kind: 'export' };

export interface PanelState {
  /** Null until the host has answered. */
  readonly host: MetricsState | null;
  /** The run that the user chose, until the host has sent it. */
  readonly wantedRun: string | null;
  readonly exporting: boolean;
  readonly problem: Problem<Attempt> | null;
  /** The host no longer answers. */
  readonly lost: boolean;
  readonly view: PanelView;
  readonly announcement: Announcement;
}

const initialState: PanelState = {
  host: null,
  wantedRun: null,
  exporting: false,
  problem: null,
  lost: false,
  view: initialView,
  announcement: noAnnouncement,
};

type MetricsStore = Store<PanelState, Partial<PanelState>>;

/** A store whose events are the changed fields. */
export function createMetricsStore(): MetricsStore {
  return new Store(initialState, (state, changes) => ({ ...state, ...changes }));
}
