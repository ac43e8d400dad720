import { basename } from 'node:path';
import { builtInScores } from '../../../core/uncertainty/registry.ts';
import type { GridBoxView, GridCellView, GridQueryView, GridSource, GridState } from '../../../protocol/grid.ts';
import type { Ports } from '../../../workflow/ports/ports.ts';
import { poolSize } from '../../../workflow/dataset/pool.ts';
import type { GridContext } from '../../../workflow/grid/gridContext.ts';
import type { GridQuery } from '../../../workflow/grid/gridImages.ts';
import type { GridBox, GridRow } from '../../../workflow/grid/gridRows.ts';
import type { ImageList } from '../../../workflow/review/imageVerdicts.ts';
import { toVerdictView } from '../review/verdictView.ts';
import type { Localiser } from '../../text/localiser.ts';

/** Longer lists of folders are no help. */
const mostFolders = 300;

/** What a view needs besides the database. `before` is the state that the page has. */
interface GridViewContext {
  readonly l10n: Localiser;
  readonly lockReason: string | null;
  readonly undoable: number;
  readonly before: GridState | null;
}

/** What the page can choose from. */
export async function gridState(
  ports: Pick<Ports, 'store'>,
  context: GridContext,
  list: ImageList | undefined,
  { l10n, lockReason, undoable, before }: GridViewContext,
): Promise<GridState> {
  const { session, dataset, metrics } = context;
  const { images } = ports.store;
  const datasetId = dataset.id;
  const all = await images.count({ datasetId });
  return {
    sessionName: session.name,
    classNames: dataset.classNames,
    listTitle: list?.title ?? null,
    counts: {
      list: list?.images.length ?? null,
      batch: context.iteration === null ? null : context.batch.length,
      pool: await poolSize(ports, datasetId),
      labelled: await images.count({ datasetId, states: ['labelled'] }),
      all,
    },
    metrics: metrics.map((id) => {
      const known = builtInScores.find((score) => score.id === id);
      return { id, title: known === undefined ? id : l10n.t(known.title) };
    }),
    // The longest query: a folder that was renamed is seen when the number of images changes, or in a new panel.
    folders: before?.counts.all === all ? before.folders : await folderViews(ports, datasetId),
    hasPredictions: context.version !== null,
    isOpen: context.isOpen,
    lockReason,
    undoable,
  };
}

async function folderViews(ports: Pick<Ports, 'store'>, datasetId: number): Promise<GridState['folders']> {
  const roots = await ports.store.datasets.roots(datasetId);
  const folders = await ports.store.images.folders(datasetId);
  return folders.slice(0, mostFolders).map(({ rootId, path, images }) => {
    const root = basename(roots.find(({ id }) => id === rootId)?.path ?? '');
    const below = path.replace(/\/$/, '');
    const label = roots.length > 1 || below === '' ? [root, below].filter((part) => part !== '').join('/') : below;
    return { rootId, path, images, label };
  });
}

/** The images that a grid shows first. */
export function startQuery(source: GridSource, { session, metrics }: GridContext): GridQueryView {
  const metric = metrics.includes(session.rankingMetric) ? session.rankingMetric : metrics[0];
  const bySource = source === 'batch' || source === 'list';
  const byScore = metric === undefined ? ({ kind: 'path' } as const) : ({ kind: 'score', metric } as const);
  return {
    source,
    like: null,
    classId: null,
    verdict: null,
    split: null,
    folder: null,
    order: bySource ? { kind: 'source' } : byScore,
    reversed: false,
  };
}

/** @param images of the sources `list` and `duplicates`. */
export function toQuery({ order, source, ...view }: GridQueryView, images: readonly number[]): GridQuery {
  const isPlain = order.kind === 'source' || order.kind === 'path';
  return { ...view, source: source === 'duplicates' ? 'list' : source, images, order: isPlain ? order.kind : order };
}

/** @param value what decides the order; NaN if the image has none. */
export function toCell(
  { image, verdict, unpredicted, boxes }: GridRow,
  value: number | undefined,
  url: string | null,
): GridCellView {
  const { id, relativePath, width, height, state, split } = image;
  return {
    imageId: id,
    name: relativePath.slice(relativePath.lastIndexOf('/') + 1),
    path: relativePath,
    width,
    height,
    url,
    state,
    split,
    verdict: toVerdictView(verdict, unpredicted),
    boxes: boxes.map(toBox),
    value: value === undefined || Number.isNaN(value) ? null : value,
  };
}

function toBox({ classId, cx, cy, width, height, confidence }: GridBox): GridBoxView {
  return { classId, confidence, x: cx - width / 2, y: cy - height / 2, width, height };
}
