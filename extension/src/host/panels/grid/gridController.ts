import { createSerialQueue } from '../../../core/concurrency.ts';
import { RequestFailed, type Handlers } from '../../../protocol/channel.ts';
import type {
  GridCellView,
  GridFromWebview,
  GridListing,
  GridQueryView,
  GridReport,
  GridSource,
  GridState,
  Places,
} from '../../../protocol/grid.ts';
import { ImageLocator } from '../../../workflow/dataset/images.ts';
import { gridContext, type GridContext } from '../../../workflow/grid/gridContext.ts';
import { gridImages, type GridImages } from '../../../workflow/grid/gridImages.ts';
import { gridRows } from '../../../workflow/grid/gridRows.ts';
import { LabelClasses } from '../../../workflow/grid/labelClasses.ts';
import type { ImageList } from '../../../workflow/review/imageVerdicts.ts';
import { GridActions } from './gridActions.ts';
import type { GridPanelHost } from './gridHost.ts';
import { gridState, startQuery, toCell, toQuery } from './gridViews.ts';

/** The session whose images a panel shows. */
export interface GridTarget {
  readonly sessionId: number;
  /** Images that the grid was opened with, such as those behind a number. */
  readonly list?: ImageList | undefined;
}

type Listed = GridImages & { readonly token: number };

/** So many images are opened in the review editor at once. */
const mostOpened = 10_000;

/** The logic of a grid of images, without VS Code. */
export class GridController {
  readonly #host: GridPanelHost;
  readonly #target: GridTarget;
  readonly #labelClasses = new LabelClasses();
  readonly #serially = createSerialQueue();
  readonly #actions: GridActions;
  #context: GridContext | null = null;
  #state: GridState | null = null;
  #listing: Listed | null = null;
  /** Random, so that a page that outlived its host is not answered with the images of another listing. */
  #token = Math.floor(Math.random() * 1e9);
  /** What a command asked for, until the page shows it: a hidden page gets no events. */
  #start: GridSource | null = null;

  constructor(host: GridPanelHost, target: GridTarget) {
    this.#host = host;
    this.#target = target;
    this.#actions = new GridActions(host);
  }

  /** The requests of the page. Payloads must be validated before. */
  get handlers(): Handlers<GridFromWebview> {
    return {
      events: {},
      requests: {
        'grid/ready': () =>
          this.#serially(async () => {
            const { context, state } = await this.#read();
            return {
              strings: this.#host.strings(),
              state,
              start: this.#startQuery(context, state.counts.pool),
              isAsked: this.#start !== null,
              listing: this.#listing === null ? null : listingOf(this.#listing),
            };
          }),
        'grid/query': (query) => this.#serially(() => this.#query(query)),
        'grid/cells': ({ token, first, count }) => this.#cells(token, first, count),
        'grid/thumbnails': async ({ imageIds }) => {
          await this.#makeThumbnails(imageIds);
          return null;
        },
        'grid/judge': ({ token, places, verdict }) =>
          this.#act((context) => this.#actions.judge(context, this.#idsAt(token, places), verdict)),
        'grid/undo': () => this.#act((context) => this.#actions.undo(context)),
        'grid/queue': ({ token, places }) =>
          this.#act((context) => this.#actions.queue(context, this.#idsAt(token, places))),
        'grid/open': async ({ token, place, places }) => {
          await this.#open(this.#idsAt(token, [[place, place]]), this.#idsAt(token, places));
          return null;
        },
      },
    };
  }

  /** Shows a source, as a command outside the page asks. */
  async show(source: GridSource): Promise<void> {
    this.#start = source;
    if (this.#context !== null) this.#host.send('grid/show', startQuery(source, this.#context));
  }

  /** Reads everything again. The page then asks for the visible images again. */
  async refresh(): Promise<void> {
    const { state } = await this.#serially(() => this.#read());
    this.#host.send('grid/state', state);
  }

  /** Runs an action on what is in the database now, and sends the page what it changed. */
  async #act(work: (context: GridContext) => Promise<GridReport>): Promise<GridReport> {
    const report = await this.#serially(async () => work((await this.#read()).context));
    this.#host.databaseChanged();
    await this.refresh();
    return report;
  }

  async #read(): Promise<{ context: GridContext; state: GridState }> {
    const ports = this.#host.ports();
    const context = await gridContext(ports, this.#target.sessionId, this.#context);
    this.#context = context;
    const lockReason = this.#host.lockReason();
    const view = { l10n: this.#host.l10n, lockReason, undoable: this.#actions.undoable, before: this.#state };
    this.#state = await gridState(ports, context, this.#target.list, view);
    return { context, state: this.#state };
  }

  #startQuery(context: GridContext, pool: number | null): GridQueryView {
    const usual = this.#target.list === undefined ? (pool === 0 ? 'all' : 'pool') : 'list';
    return startQuery(this.#start ?? usual, context);
  }

  async #requireContext(): Promise<GridContext> {
    return this.#context ?? (await this.#read()).context;
  }

  async #query(query: GridQueryView): Promise<GridListing> {
    const context = await this.#requireContext();
    const listed = await this.#listed(query, context);
    const wanted = toQuery(query, listed);
    const images = await gridImages(this.#host.ports(), context, wanted, this.#labelClasses);
    this.#token += 1;
    this.#listing = { ...images, token: this.#token };
    this.#start = null;
    return listingOf(this.#listing);
  }

  async #listed({ source, like }: GridQueryView, context: GridContext): Promise<readonly number[]> {
    if (source === 'duplicates' && like !== null) return this.#actions.duplicatesOf(context, like);
    return this.#target.list?.images ?? [];
  }

  async #cells(token: number, first: number, count: number): Promise<(GridCellView | null)[]> {
    const { ids, values } = this.#requireListing(token);
    const wanted = Array.from(ids.subarray(first, first + count));
    const rows = await gridRows(this.#host.ports(), await this.#requireContext(), wanted);
    const byId = new Map(rows.map((row) => [row.image.id, row]));
    return Promise.all(
      wanted.map(async (id, index) => {
        const row = byId.get(id);
        if (row === undefined) return null;
        const { path, image } = row;
        const ready = await this.#host.thumbnails.pathIfReady({ path, contentHash: image.contentHash });
        return toCell(row, values?.[first + index], ready === null ? null : this.#host.imageUrl(ready));
      }),
    );
  }

  async #makeThumbnails(imageIds: readonly number[]): Promise<void> {
    const ports = this.#host.ports();
    const { dataset } = await this.#requireContext();
    const locator = await ImageLocator.of(ports, dataset.id);
    const found = await ports.store.images.find({ datasetId: dataset.id, ids: imageIds });
    const byId = new Map(found.map((image) => [image.id, image]));
    const images = imageIds.map((id) => byId.get(id)).filter((image) => image !== undefined);
    this.#host.thumbnails.make(
      images.map((image) => ({ path: locator.path(image), contentHash: image.contentHash })),
      (index, path) => {
        const image = images[index];
        const url = path === null ? null : this.#host.imageUrl(path);
        if (image !== undefined) this.#host.send('grid/thumbnail', { imageId: image.id, url });
      },
    );
  }

  /** A sample of the newest batch opens there; other images open as a list, the opened one first. */
  async #open([opened]: readonly number[], chosen: readonly number[]): Promise<void> {
    if (opened === undefined) return;
    const { batch } = await this.#requireContext();
    const sample = batch.find(({ imageId }) => imageId === opened);
    if (sample !== undefined) return this.#host.showSample(sample.id);
    const images = [opened, ...chosen.filter((id) => id !== opened)].slice(0, mostOpened);
    const image = await this.#host.ports().store.images.get(opened);
    const name = image?.relativePath.split('/').at(-1) ?? '';
    await this.#host.showImages({
      title: images.length === 1 ? name : this.#host.l10n.t('{0} chosen images', images.length),
      images,
      since: this.#host.now(),
    });
  }

  /** The images at these places. @throws RequestFailed `listing-outdated`. */
  #idsAt(token: number, places: Places): number[] {
    const { ids } = this.#requireListing(token);
    return places.flatMap(([first, last]) => Array.from(ids.subarray(first, last + 1)));
  }

  #requireListing(token: number): GridImages {
    if (this.#listing?.token === token) return this.#listing;
    throw new RequestFailed({
      code: 'listing-outdated',
      message: 'These images are no longer listed.',
      hint: 'Filter or sort again.',
    });
  }
}

function listingOf({ token, ids }: Listed): GridListing {
  return { token, total: ids.length };
}
