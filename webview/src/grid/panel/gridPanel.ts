import type { Channel } from '../../../../extension/src/protocol/channel.ts';
import type {
  GridFromHost,
  GridFromWebview,
  GridListing,
  GridQueryView,
  GridState,
} from '../../../../extension/src/protocol/grid.ts';
import { connect } from '../../bridge/connect.ts';
import type { HostContext } from '../../bridge/hostContext.ts';
import { describeFailure, tryRequest } from '../../bridge/request.ts';
import { announce } from '../../bridge/store.ts';
import { setTranslations } from '../../bridge/translate.ts';
import { areCells, checkFromHost, isGridState, isListing } from '../model/messages.ts';
import { addRange, countPlaces, hasPlace, noPlaces, togglePlace } from '../model/places.ts';
import { createGridStore, readKept, type Attempt, type GridView, type Kept, type PanelState } from '../model/state.ts';
import { plural } from '../strings.ts';
import { CellReader } from './cellReader.ts';

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
  /** Images whose thumbnail cannot be made. */
  readonly #failed = new Set<number>();
  /** The images whose thumbnails were asked for last. */
  #asked = '';
  #visible: readonly [first: number, last: number] = [0, -1];

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
          'grid/thumbnail': ({ imageId, url }) => this.#setThumbnail(imageId, url),
        },
        requests: {},
      },
      checkFromHost,
      (lost) => this.store.dispatch({ lost }),
    );
    this.#channel = channel;
    this.#close = close;
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
        this.#askForThumbnails();
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
    this.store.dispatch({ loading: true, problem: null });
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
    this.#visible = [first, last];
    this.#reader.show(first, last);
    this.#askForThumbnails();
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

  /** Has the missing thumbnails of the visible images made. */
  #askForThumbnails(): void {
    const { cells } = this.store.getState();
    const imageIds: number[] = [];
    for (let place = this.#visible[0]; place <= this.#visible[1]; place++) {
      const cell = cells.get(place);
      if (cell?.url === null && !this.#failed.has(cell.imageId)) imageIds.push(cell.imageId);
    }
    const asked = imageIds.join();
    if (imageIds.length === 0 || asked === this.#asked) return;
    this.#asked = asked;
    // A thumbnail that is not made leaves its cell without a picture.
    void this.#channel.request('grid/thumbnails', { imageIds }).catch(() => undefined);
  }

  #setThumbnail(imageId: number, url: string | null): void {
    if (url === null) this.#failed.add(imageId);
    const { cells } = this.store.getState();
    const changed = new Map(cells);
    for (const [place, cell] of cells) {
      if (cell?.imageId === imageId) changed.set(place, { ...cell, url });
    }
    this.store.dispatch({ cells: changed });
  }

  #showListing(listing: GridListing, { focus, chosen }: Pick<Kept, 'focus' | 'chosen'>): void {
    const place = Math.max(0, Math.min(focus, listing.total - 1));
    this.#asked = '';
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
    if (problem !== null) this.store.dispatch({ problem });
  }
}

/** Whether the query of an earlier day still makes sense. */
function isPossible({ source, order }: GridQueryView, { counts, metrics, hasPredictions }: GridState): boolean {
  if (counts[source] === null || counts[source] === undefined) return false;
  if (order.kind === 'score') return metrics.some(({ id }) => id === order.metric);
  return order.kind !== 'class' || hasPredictions;
}
