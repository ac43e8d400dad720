import { DEFAULT_SHOWN } from '../../core/detection/shownThresholds.ts';
import type { Split } from '../../core/dataset/types.ts';
import type { Verdict } from '../../core/session/types.ts';
import { poolFilter } from '../dataset/pool.ts';
import type { Ports } from '../ports/ports.ts';
import type { ImageFilter } from '../ports/store/images.ts';
import type { ScoreOrder } from '../ports/store/predictions.ts';
import type { SampleRow } from '../ports/store/samples.ts';
import { shownDetections } from '../review/verdictOutcome.ts';
import type { GridContext } from './gridContext.ts';
import type { LabelClasses } from './labelClasses.ts';

/** Which images a grid shows: the newest batch, the pool, those with labels, all, or a list. */
export type GridSource = 'batch' | 'pool' | 'labelled' | 'all' | 'list';

export interface GridQuery {
  readonly source: GridSource;
  /** The images of the source `list`, in their order. */
  readonly images: readonly number[];
  /** Only images with a box of this class; null for all. */
  readonly classId: number | null;
  /** Only images with this newest verdict of the session; `none` for those without one. */
  readonly verdict: Verdict | 'none' | null;
  readonly split: Split | null;
  /** Only images of this folder and the folders below it. */
  readonly folder: { readonly rootId: number; readonly path: string } | null;
  /** `source` is the order of the batch or list, otherwise the order in which images were found. */
  readonly order: 'source' | 'path' | ScoreOrder;
  /** Turns the order round: the lowest value first. Images without a value stay last. */
  readonly reversed: boolean;
}

/** The images of a query in its order, in columns; row i belongs to `ids[i]`. */
export interface GridImages {
  readonly ids: Float64Array;
  /** The value that decides the order; NaN if an image has none. Null if the order has no values. */
  readonly values: Float64Array | null;
}

type GridPorts = Pick<Ports, 'store' | 'labels'>;

/** Finds the images of a query. 100,000 of them take two arrays; nothing else of them is read. */
export async function gridImages(
  ports: GridPorts,
  context: GridContext,
  query: GridQuery,
  labelClasses: LabelClasses,
): Promise<GridImages> {
  const samples = new BatchRows(ports, context);
  const found = await sourceIds(ports, context, query);
  const tests = [
    query.verdict === null ? null : verdictTest(context, query.verdict),
    query.classId === null ? null : await classTest(ports, context, query.classId, found, samples, labelClasses),
  ].filter((test) => test !== null);
  const ids = tests.length === 0 ? found : found.filter((id) => tests.every((test) => test(id)));
  if (query.order === 'source' || query.order === 'path') {
    return { ids: query.reversed ? ids.toReversed() : ids, values: null };
  }
  return inOrder(ids, await valuesOf(ports, context, query, query.order, samples), query.reversed);
}

/** The samples of the batch with boxes and scores, read once and only if they are needed. */
class BatchRows {
  readonly #ports: GridPorts;
  readonly #context: GridContext;
  #rows: Promise<SampleRow[]> | null = null;

  constructor(ports: GridPorts, context: GridContext) {
    this.#ports = ports;
    this.#context = context;
  }

  read(): Promise<readonly SampleRow[]> {
    const { iteration } = this.#context;
    this.#rows ??= iteration === null ? Promise.resolve([]) : this.#ports.store.samples.list(iteration.id);
    return this.#rows;
  }
}

async function sourceIds(ports: GridPorts, context: GridContext, query: GridQuery): Promise<Float64Array> {
  const { images } = ports.store;
  const listed =
    query.source === 'batch'
      ? context.batch.map(({ imageId }) => imageId)
      : query.source === 'list'
        ? query.images
        : null;
  const filter = filterOf(context, query, listed);
  if (query.order === 'path') return images.idsByPath(filter);
  const ids = await images.ids(filter);
  if (listed === null) return ids;
  const present = new Set(ids);
  return Float64Array.from(listed.filter((id) => present.has(id)));
}

function filterOf({ session }: GridContext, query: GridQuery, listed: readonly number[] | null): ImageFilter {
  const { datasetId } = session;
  const base: ImageFilter =
    query.source === 'pool'
      ? poolFilter(datasetId)
      : query.source === 'labelled'
        ? { datasetId, states: ['labelled'] }
        : { datasetId };
  const { split, folder } = query;
  return {
    ...base,
    ...(split === null ? {} : { splits: base.splits?.includes(split) === false ? [] : [split] }),
    ...(folder === null ? {} : { rootId: folder.rootId, pathPrefix: folder.path }),
    ...(listed === null ? {} : { ids: listed }),
  };
}

type Test = (imageId: number) => boolean;

function verdictTest({ verdicts }: GridContext, wanted: Verdict | 'none'): Test {
  return (id) => (verdicts.get(id) ?? 'none') === wanted;
}

/**
 * Whether an image shows the class: by its labels if it has any, otherwise by the shown predictions of its sample, otherwise
 * if the model expects as much of the class as one prediction that is shown.
 */
async function classTest(
  ports: GridPorts,
  context: GridContext,
  classId: number,
  found: Float64Array,
  samples: BatchRows,
  labelClasses: LabelClasses,
): Promise<Test> {
  const labelled = await labelClasses.find(ports, context.dataset, found);
  const inBatch = new Map<number, boolean>();
  // The batch has its own boxes, which may be averaged over the mirrored image.
  for (const sample of await samples.read()) {
    inBatch.set(
      sample.imageId,
      shownDetections(sample, context.thresholds).some((box) => box.classId === classId),
    );
  }
  const expected = new Set<number>();
  if (context.version !== null) {
    const { imageIds, values } = await ports.store.predictions.rank(context.version.id, { kind: 'class', classId });
    for (const [row, imageId] of imageIds.entries()) {
      if ((values[row] ?? 0) >= DEFAULT_SHOWN) expected.add(imageId);
    }
  }
  return (id) => labelled.get(id)?.has(classId) ?? inBatch.get(id) ?? expected.has(id);
}

/** The images that have the value, the highest first. */
async function valuesOf(
  ports: GridPorts,
  { version }: GridContext,
  { source }: GridQuery,
  order: ScoreOrder,
  samples: BatchRows,
): Promise<ReadonlyMap<number, number>> {
  if (source === 'batch' && order.kind === 'score') {
    const rows = (await samples.read()).flatMap(({ imageId, scores }): [number, number][] => {
      const value = scores[order.metric];
      return value === undefined ? [] : [[imageId, value]];
    });
    // Stable, so that equal ones stay in the order of the queue.
    return new Map(rows.toSorted(([, a], [, b]) => b - a));
  }
  if (version === null) return new Map();
  const { imageIds, values } = await ports.store.predictions.rank(version.id, order);
  const ranked = new Map(Array.from(imageIds, (id, row): [number, number] => [id, values[row] ?? Number.NaN]));
  // The place among the others would reveal what the model sees.
  for (const { imageId, blind, verdict } of await samples.read()) {
    if (blind === true && verdict === null) ranked.delete(imageId);
  }
  return ranked;
}

/** @param ranked the highest value first. */
function inOrder(ids: Float64Array, ranked: ReadonlyMap<number, number>, reversed: boolean): GridImages {
  const wanted = new Set(ids);
  const withValue = [...ranked.keys()].filter((id) => wanted.has(id));
  if (reversed) withValue.reverse();
  const without = ids.filter((id) => !ranked.has(id));
  const sorted = new Float64Array(ids.length);
  sorted.set(withValue);
  sorted.set(without, withValue.length);
  return { ids: sorted, values: sorted.map((id) => ranked.get(id) ?? Number.NaN) };
}
