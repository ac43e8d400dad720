import { RequestFailed } from '../../../../extension/src/protocol/channel.ts';
import type {
  GridBoxView,
  GridCellView,
  GridFromHost,
  GridFromWebview,
  GridQueryView,
  GridReport,
  GridState,
  Places,
  SharedVerdictView,
} from '../../../../extension/src/protocol/grid.ts';
import { MemoryHost } from '../../bridge/memoryHost.ts';

/** A query without filters. */
export const poolByScore: GridQueryView = {
  source: 'pool',
  like: null,
  classId: null,
  verdict: null,
  split: null,
  folder: null,
  order: { kind: 'score', metric: 'confidence' },
  reversed: false,
};

/** An image that depends only on its number. */
function imageNumber(id: number, classCount = 3): GridCellView {
  const size = id % 5 === 0 ? { width: 300, height: 400 } : { width: 400, height: 300 };
  const boxes = Array.from({ length: id % 4 }, (_, index): GridBoxView => ({
    x: 0.06 + 0.3 * index,
    y: 0.12 + 0.13 * ((id + index) % 4),
    width: 0.22,
    height: 0.3,
    classId: (id + index) % classCount,
    confidence: id % 3 === 0 ? null : 0.9 - 0.2 * index,
  }));
  const name = `part_${String(id).padStart(5, '0')}.jpg`;
  return {
    imageId: id,
    name,
    path: `images/line-3/${name}`,
    ...size,
    url: null,
    state: id % 3 === 0 ? 'labelled' : 'unlabelled',
    split: 'train',
    verdict: id % 6 === 0 ? 'accepted' : id % 10 === 1 ? 'rejected-later' : null,
    boxes,
    value: Math.round(1000 / (1 + id / 40)) / 1000,
  };
}

/** A host in memory that has images. */
export class MemoryGrid {
  readonly host: MemoryHost<GridFromWebview, GridFromHost>;
  readonly images: GridCellView[];
  state: GridState;
  start: GridQueryView = poolByScore;
  isAsked = false;
  readonly queued: Places[] = [];
  readonly queries: GridQueryView[] = [];
  readonly reads: { readonly first: number; readonly count: number }[] = [];
  readonly opened: { readonly place: number; readonly places: Places }[] = [];
  /** The images whose thumbnails were asked for. */
  readonly thumbnails: (readonly number[])[] = [];
  /** Fails the next request with this error. */
  fail: RequestFailed | null = null;
  /** Runs before images are read, for example to wait. */
  beforeCells: () => Promise<void> = () => Promise.resolve();
  #token = 7;
  #listed: readonly GridCellView[] = [];
  #judged: readonly GridCellView[] = [];

  constructor(
    count: number,
    options: { readonly saved?: unknown; readonly thumbnail?: (image: GridCellView) => string } = {},
  ) {
    this.images = Array.from({ length: count }, (_, index) => {
      const image = imageNumber(index + 1);
      return { ...image, url: options.thumbnail?.(image) ?? null };
    });
    this.state = {
      sessionName: 'Line 3',
      classNames: ['bracket', 'washer', 'hex nut'],
      listTitle: null,
      counts: { list: null, batch: 20, pool: count, labelled: Math.floor(count / 3), all: count },
      metrics: [
        { id: 'confidence', title: 'Confidence' },
        { id: 'entropy', title: 'Entropy' },
      ],
      folders: [
        { rootId: 1, path: 'images/line-2/', label: 'images/line-2', images: 0 },
        { rootId: 1, path: 'images/line-3/', label: 'images/line-3', images: count },
      ],
      hasPredictions: true,
      isOpen: true,
      lockReason: null,
      undoable: 0,
    };
    this.host = new MemoryHost<GridFromWebview, GridFromHost>(
      {
        events: {},
        requests: {
          'grid/ready': async () => {
            this.#failIfAsked();
            const listing = this.#listed.length === 0 ? null : { token: this.#token, total: this.#listed.length };
            return { strings: {}, state: this.state, start: this.start, isAsked: this.isAsked, listing };
          },
          'grid/query': async (query) => {
            this.#failIfAsked();
            this.queries.push(query);
            this.#listed = this.#find(query);
            this.#token += 1;
            return { token: this.#token, total: this.#listed.length };
          },
          'grid/cells': async ({ token, first, count: wanted }) => {
            await this.beforeCells();
            this.#failIfAsked();
            this.reads.push({ first, count: wanted });
            if (token !== this.#token)
              throw new RequestFailed({ code: 'listing-outdated', message: 'Outdated.', hint: '' });
            return this.#listed.slice(first, first + wanted).map(({ imageId }) => this.images[imageId - 1] ?? null);
          },
          'grid/thumbnails': async ({ imageIds }) => {
            this.thumbnails.push(imageIds);
            return null;
          },
          'grid/judge': async ({ places, verdict }) => {
            this.#failIfAsked();
            return this.#judge(places, verdict);
          },
          'grid/undo': async () => this.#undo(),
          'grid/queue': async ({ places }) => {
            this.queued.push(places);
            return { kind: 'queued', done: this.#at(places).length, leftOut: {}, failure: null };
          },
          'grid/open': async ({ place, places }) => {
            this.#failIfAsked();
            this.opened.push({ place, places });
            return null;
          },
        },
      },
      options.saved,
    );
  }

  /** Forgets the listing, as a host that was started again. */
  restart(): void {
    this.#token += 1000;
    this.#listed = [];
  }

  /** Changes an image, and informs the page. */
  change(imageId: number, changes: Partial<GridCellView>): void {
    const image = this.images[imageId - 1];
    if (image !== undefined) this.images[imageId - 1] = { ...image, ...changes };
    this.host.channel.send('grid/state', this.state);
  }

  #at(places: Places): GridCellView[] {
    return places.flatMap(([first, last]) => this.#listed.slice(first, last + 1));
  }

  #judge(places: Places, verdict: SharedVerdictView): GridReport {
    const wanted = this.#at(places).map(({ imageId }) => this.images[imageId - 1] ?? imageNumber(imageId));
    const open = wanted.filter((image) => image.verdict === null && image.state === 'unlabelled');
    this.#judged = open;
    for (const image of open) this.images[image.imageId - 1] = { ...image, verdict };
    this.#setUndoable(open.length);
    const judged = wanted.length - open.length;
    return { kind: 'judged', done: open.length, leftOut: judged === 0 ? {} : { judged }, failure: null };
  }

  #undo(): GridReport {
    const done = this.#judged.length;
    for (const image of this.#judged) this.images[image.imageId - 1] = image;
    this.#judged = [];
    this.#setUndoable(0);
    return { kind: 'undone', done, leftOut: {}, failure: null };
  }

  #setUndoable(undoable: number): void {
    this.state = { ...this.state, undoable };
    this.host.channel.send('grid/state', this.state);
  }

  #find({ source, like, verdict, classId, folder, reversed }: GridQueryView): readonly GridCellView[] {
    if (source === 'duplicates') return this.images.slice((like ?? 1) - 1, (like ?? 1) + 2);
    const found = this.images.filter(
      (image) =>
        (verdict === null || (image.verdict ?? 'none') === verdict) &&
        (classId === null || image.boxes.some((box) => box.classId === classId)) &&
        (folder === null || image.path.startsWith(folder.path)),
    );
    return reversed ? found.toReversed() : found;
  }

  #failIfAsked(): void {
    const error = this.fail;
    this.fail = null;
    if (error !== null) throw error;
  }
}
