import type { Ports } from '../ports/ports.ts';
import { prefetchPages } from '../shared/prefetchPages.ts';
import type { ImageLocation } from '../ports/labelSource.ts';
import type { ImageFilter, ImageHashColumns, ImageRow } from '../ports/store/images.ts';
import type { RootRow } from '../ports/store/datasets.ts';

const page = 1000;
const idPage = 20_000;

/** Every image that passes the filter, page by page, so that a large pool never fills the memory. */
export async function* eachImage(ports: Pick<Ports, 'store'>, filter: ImageFilter): AsyncGenerator<ImageRow> {
  let afterId = filter.afterId ?? 0;
  for (;;) {
    const rows = await ports.store.images.find({ ...filter, afterId, limit: page });
    yield* rows;
    const last = rows.at(-1);
    if (!last || rows.length < page) return;
    afterId = last.id;
  }
}

/** Ids of all images that pass the filter, ascending, in chunks. */
export async function eachPageOfIds(
  ports: Pick<Ports, 'store'>,
  filter: ImageFilter,
  visit: (ids: Float64Array) => void,
): Promise<void> {
  let afterId = filter.afterId ?? 0;
  for (;;) {
    const ids = await ports.store.images.ids({ ...filter, afterId, limit: idPage });
    visit(ids);
    const last = ids.at(-1);
    if (last === undefined || ids.length < idPage) return;
    afterId = last;
  }
}

/** Resolves image rows to paths. */
export class ImageLocator {
  readonly #roots: ReadonlyMap<number, RootRow>;

  private constructor(roots: readonly RootRow[]) {
    this.#roots = new Map(roots.map((root) => [root.id, root]));
  }

  static async of(ports: Pick<Ports, 'store'>, datasetId: number): Promise<ImageLocator> {
    return new ImageLocator(await ports.store.datasets.roots(datasetId));
  }

  locate(image: Pick<ImageRow, 'rootId' | 'relativePath'>): ImageLocation {
    return { rootPath: this.#roots.get(image.rootId)?.path ?? '', relativePath: image.relativePath };
  }

  /** Absolute path; the file system accepts `/` on every platform. */
  path(image: Pick<ImageRow, 'rootId' | 'relativePath'>): string {
    const { rootPath, relativePath } = this.locate(image);
    return `${rootPath}/${relativePath}`;
  }
}

const lookPage = 5000;

/** State and hashes of every image that passes the filter, ascending by id, in chunks. */
export function eachPageOfHashes(
  ports: Pick<Ports, 'store'>,
  filter: Omit<ImageFilter, 'afterId' | 'limit'>,
): AsyncGenerator<ImageHashColumns> {
  const read = (afterId: number): Promise<ImageHashColumns> =>
    ports.store.images.hashColumns({ ...filter, afterId, limit: lookPage });
  return prefetchPages(read, ({ imageIds }) => imageIds, lookPage);
}
