import type { Channel } from '../../../../extension/src/protocol/channel.ts';
import type {
  GridFromHost,
  GridFromWebview,
  GridListing,
  GridQueryView,
  GridState,
  Places,
} from '../../../../extension/src/protocol/grid.ts';
import { connect } from '../../bridge/connect.ts';
import type { HostContext } from '../../bridge/hostContext.ts';
import { describeFailure, tryRequest } from '../../bridge/request.ts';
import { announce } from '../../bridge/store.ts';
import { setTranslations } from '../../bridge/translate.ts';
import { areCells, checkFromHost, isGridState, isListing } from '../model/messages.ts';
import { addRange, countPlaces, hasPlace, noPlaces, togglePlace } from '../model/places.ts';
import {
  createGridStore,
  readKept,
  type Attempt,
  type GridAction,
  type GridView,
  type Kept,
  type PanelState,
} from '../model/state.ts';
import { reportText } from '../model/reportText.ts';
import { plural } from '../strings.ts';
import { CellReader } from './cellReader.ts';
import { ThumbnailRequests } from './thumbnailRequests.ts';

/** How a click or key changes what is chosen. */
export type Choice = 'only' | 'toggle' | 'extend';

/** The grid page without its components: state, requests and saved choices. */
export class GridPanel {
  readonly store = createGridStore();
  readonly #host: HostContext;
  readonly #channel: Channel<GridFromHost, GridFromWebview>;
  readonly #reader: CellReader;
  readonly #close: () => void;
  /** Counts queries: the reply to an earlier one is void. */
  #queries = 0;
  readonly #thumbnails: ThumbnailRequests;

  constructor(host: HostContext) {
    this.#host = host;
    const { channel, close } = connect<GridFromHost, GridFromWebview>(
      host,
      {
        events: {
          'grid/state': (state) => {
            this.store.dispatch({ host: state });
            this.#reader.refresh();
          },
          'grid/show': (query) => void this.query(query),
          'grid/thumbnail': ({ imageId, url }) => this.#thumbnails.arrived(imageId, url),
        },
        requests: {},
      },
      checkFromHost,
      (lost) => this.store.dispatch({ lost }),
    );
    this.#channel = channel;
    this.#close = close;
    this.#thumbnails = new ThumbnailRequests({
      cells: () => this.store.getState().cells,
      // A thumbnail that is not made leaves its cell without a picture.
      send: (imageIds) => void this.#channel.request('grid/thumbnails', { imageIds }).catch(() => undefined),
      onCells: (cells) => this.store.dispatch({ cells }),
    });
    this.#reader = new CellReader({
      cells: () => this.store.getState().cells,
      read: async (first, count) => {
        const token = this.store.getState().listing?.token ?? 0;
        const read = await this.#channel.request('grid/cells', { token, first, count });
        if (!areCells(read)) throw new Error('The host sent no valid images.');
        return read;
      },
      onCells: (cells) => {
        this.store.dispatch({ cells });
        this.#thumbnails.request();
      },
      onFailure: (error) => this.#readFailed(error),
    });
  }

  /** Requests the state from the host, and the images that were shown before a reload. */
  async start(): Promise<void> {
    const kept = readKept(this.#host.getState());
    this.store.dispatch({ problem: null, view: kept.view });
    await this.#attempt({ kind: 'start' }, async () => {
      const { strings, state, start, isAsked, listing } = await this.#channel.request('grid/ready', null);
      if (!isGridState(state)) throw new Error('The host sent no valid state.');
      setTranslations(strings);
      this.store.dispatch({ host: state });
      const { query } = kept.view;
      if (query === null || isAsked || !isPossible(query, state)) await this.query(start);
      else if (isListing(listing) && listing.token === kept.token) this.#showListing(listing, kept);
      else await this.query(query, kept.focus);
    });
  }

  /** Shows other images. @param focus the place to begin at. */
  async query(query: GridQueryView, focus = 0): Promise<void> {
    const mine = ++this.#queries;
    this.#changeView({ query });
    this.store.dispatch({ loading: true, problem: null, report: null });
    await this.#attempt({ kind: 'query', query }, async () => {
      const listing = await this.#channel.request('grid/query', query);
      if (mine !== this.#queries) return;
      if (!isListing(listing)) throw new Error('The host sent no valid listing.');
      this.#showListing(listing, { focus, chosen: noPlaces });
      this.#announce(plural(listing.total, '{0} image', '{0} images'));
    });
    if (mine === this.#queries) this.store.dispatch({ loading: false });
  }

  /** Changes a part of the query. */
  filter(part: Partial<GridQueryView>): void {
    const { query } = this.store.getState().view;
    if (query !== null) void this.query({ ...query, ...part });
  }

  /** The places on the screen changed. */
  show(first: number, last: number): void {
    this.#reader.show(first, last);
    this.#thumbnails.show(first, last);
  }

  /** Moves the focus, and chooses images. @param choice null to leave what is chosen. */
  focus(place: number, choice: Choice | null): void {
    const { anchor, chosen, listing } = this.store.getState();
    if (listing === null || place < 0 || place >= listing.total) return;
    if (choice === null) this.#change({ focus: place, anchor: place });
    else if (choice === 'only') this.#change({ focus: place, anchor: place, chosen: [[place, place]] });
    else if (choice === 'toggle') this.#change({ focus: place, anchor: place, chosen: togglePlace(chosen, place) });
    else this.#change({ focus: place, chosen: addRange(noPlaces, anchor, place) });
    if (choice !== null) this.#announceChosen();
  }

  chooseAll(): void {
    const total = this.store.getState().listing?.total ?? 0;
    if (total > 0) this.#change({ chosen: [[0, total - 1]] });
    this.#announceChosen();
  }

  chooseNone(): void {
    if (this.store.getState().chosen.length === 0) return;
    this.#change({ chosen: noPlaces });
    this.#announceChosen();
  }

  /** Opens an image in the review editor, with the other chosen ones if it is one of them. */
  async open(place: number): Promise<void> {
    const { listing, chosen } = this.store.getState();
    if (listing === null || place >= listing.total) return;
    const places = hasPlace(chosen, place) ? chosen : [[place, place] as const];
    await this.#attempt({ kind: 'open', place }, () =>
      this.#channel.request('grid/open', { token: listing.token, place, places }),
    );
  }

  /** Gives a verdict to the chosen images, or else to the one with the focus, or adds them to the batch; or undoes it. */
  async act(action: GridAction): Promise<void> {
    const { listing, acting, host } = this.store.getState();
    const places = this.targets();
    if (acting || host === null || host.lockReason !== null || listing === null) return;
    if (action === 'undo' ? host.undoable === 0 : places.length === 0) return;
    if (action === 'queue' && !host.isOpen) return;
    const { token } = listing;
    this.store.dispatch({ acting: true, report: null });
    await this.#attempt({ kind: 'act', action }, async () => {
      const report =
        action === 'undo'
          ? await this.#channel.request('grid/undo', null)
          : action === 'queue'
            ? await this.#channel.request('grid/queue', { token, places })
            : await this.#channel.request('grid/judge', { token, places, verdict: action });
      this.store.dispatch({ report });
      this.#announce(reportText(report));
    });
    this.store.dispatch({ acting: false });
  }

  /** The chosen images, or else the one with the focus. */
  targets(): Places {
    const { chosen, focus, listing } = this.store.getState();
    if (chosen.length > 0) return chosen;
    return listing === null || listing.total === 0 ? noPlaces : [[focus, focus]];
  }

  /** Shows the near duplicates of the image with the focus, all chosen. */
  async showDuplicates(): Promise<void> {
    const { cells, focus, view, host } = this.store.getState();
    const like = cells.get(focus)?.imageId;
    if (view.query === null || like === undefined || host?.lockReason !== null) return;
    const before = view.query.source === 'duplicates' ? this.store.getState().before : view.query;
    const order = { kind: 'source' } as const;
    const noFilter = { classId: null, verdict: null, split: null, folder: null, reversed: false };
    await this.query({ source: 'duplicates', like, order, ...noFilter });
    const { listing, problem } = this.store.getState();
    if (problem !== null || listing === null) return;
    this.store.dispatch({ before });
    this.chooseAll();
  }

  /** Shows again what was shown before the near duplicates. */
  goBack(): void {
    const { before } = this.store.getState();
    this.store.dispatch({ before: null });
    if (before !== null) void this.query(before);
  }

  dismissReport(): void {
    this.store.dispatch({ report: null });
  }

  setSize(size: number): void {
    this.#changeView({ size });
  }

  toggleBoxes(): void {
    this.#changeView({ showBoxes: !this.store.getState().view.showBoxes });
  }

  /** Sends the failed request again. */
  retry(): void {
    const attempt = this.store.getState().problem?.attempt;
    this.store.dispatch({ problem: null });
    if (attempt?.kind === 'start') void this.start();
    else if (attempt?.kind === 'query') void this.query(attempt.query);
    else if (attempt?.kind === 'cells') this.#reader.retry();
    else if (attempt?.kind === 'open') void this.open(attempt.place);
    else if (attempt?.kind === 'act') void this.act(attempt.action);
  }

  dismissProblem(): void {
    this.store.dispatch({ problem: null });
  }

  dispose(): void {
    this.#close();
  }

  #readFailed(error: unknown): void {
    const failure = describeFailure(error);
    const { query } = this.store.getState().view;
    // The host was restarted, which has forgotten the listing.
    if (failure.code === 'listing-outdated' && query !== null) void this.query(query);
    else this.store.dispatch({ problem: { error: failure, attempt: { kind: 'cells' } } });
  }

  #showListing(listing: GridListing, { focus, chosen }: Pick<Kept, 'focus' | 'chosen'>): void {
    const place = Math.max(0, Math.min(focus, listing.total - 1));
    this.#reader.reset();
    this.#change({ listing, focus: place, anchor: place, chosen });
  }

  #changeView(part: Partial<GridView>): void {
    this.#change({ view: { ...this.store.getState().view, ...part } });
  }

  /** Changes the state, and stores what survives a reload. */
  #change(changes: Partial<PanelState>): void {
    this.store.dispatch(changes);
    const { view, listing, focus, chosen } = this.store.getState();
    this.#host.setState({ view, token: listing?.token ?? null, focus, chosen } satisfies Kept);
  }

  #announceChosen(): void {
    this.#announce(plural(countPlaces(this.store.getState().chosen), '{0} chosen image', '{0} chosen images'));
  }

  #announce(text: string): void {
    this.store.dispatch({ announcement: announce(this.store.getState().announcement, text) });
  }

  async #attempt(attempt: Attempt, send: () => Promise<unknown>): Promise<void> {
    const problem = await tryRequest(attempt, send);
    // The user was asked, and said no.
    if (problem !== null && problem.error.code !== 'cancelled') this.store.dispatch({ problem });
  }
}

/** Whether the query of an earlier day still makes sense. */
function isPossible({ source, order }: GridQueryView, { counts, metrics, hasPredictions }: GridState): boolean {
  if (source !== 'duplicates' && (counts[source] ?? null) === null) return false;
  if (order.kind === 'score') return metrics.some(({ id }) => id === order.metric);
  return order.kind !== 'class' || hasPredictions;
}
