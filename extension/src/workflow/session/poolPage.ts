import { AppError } from '../../core/errors.ts';
import type { ImageState } from '../../core/dataset/types.ts';
import type { Detection } from '../../core/detection/types.ts';
import { builtInScores } from '../../core/uncertainty/registry.ts';
import type { Ports } from '../ports/ports.ts';
import { requireRow } from '../shared/errors.ts';
import { ImageLocator } from '../dataset/images.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';
import type { ScoredImage, ScoreOrder } from '../ports/store/predictions.ts';

/** The orders that a session offers. */
export interface PoolOrders {
  /** The version that scored the images. */
  readonly version: ModelVersionRow;
  /** Ids of the scores that any image has, in display order. */
  readonly metrics: readonly string[];
  readonly classNames: readonly string[];
}

export interface PoolImage {
  readonly imageId: number;
  /** Absolute path. */
  readonly path: string;
  readonly relativePath: string;
  /** An image may have been labelled since it was scored. */
  readonly state: ImageState;
  /** The value that decides the order: the score, or the expected objects of the class. */
  readonly value: number;
  /** Expected objects by class, most first: the sum of the class scores of all boxes from 0.05. */
  readonly expected: readonly { readonly className: string; readonly count: number }[];
}

export interface PoolPage {
  readonly images: readonly PoolImage[];
  /** The key of the next page; null on the last page. */
  readonly next: string | null;
}

/** The page is not available; the message says why and the hint what to do. */
class PoolError extends AppError<'page-key-invalid' | 'page-size-invalid' | 'score-unknown'> {}

/** Largest page size. */
const largestPage = 1000;

/** Number of images that are checked for the scores they have. */
const lookedAt = 100;

/** The available orders, for the active version or else the newest one that scored images; null without one. */
export async function poolOrders(ports: Pick<Ports, 'store'>, sessionId: number): Promise<PoolOrders | null> {
  const session = requireRow(await ports.store.sessions.get(sessionId), 'session', sessionId);
  const versions = (await ports.store.models.list(sessionId)).toReversed();
  for (const version of [...versions.filter(({ isActive }) => isActive), ...versions]) {
    const [first] = await ports.store.predictions.page(version.id, 0, 1);
    if (first === undefined) continue;
    const { classNames } = requireRow(await ports.store.datasets.get(session.datasetId), 'dataset', session.datasetId);
    const some = await scoresOfSome(ports, version.id);
    const ids = new Set([...builtInScores.map(({ id }) => id), ...some, session.rankingMetric]);
    const metrics: string[] = [];
    for (const id of ids) {
      if ((await ports.store.predictions.top(version.id, id, 1)).length > 0) metrics.push(id);
    }
    return { version, metrics, classNames };
  }
  return null;
}

/**
 * Ids of the scores that the first images have. Several images are checked because one may be unreadable or have no
 * box, and scores of plug-ins are found only this way.
 */
async function scoresOfSome(ports: Pick<Ports, 'store'>, versionId: number): Promise<ReadonlySet<string>> {
  const ids = new Set<string>();
  let after = 0;
  for (;;) {
    const rows = await ports.store.predictions.page(versionId, after, lookedAt);
    const read = rows.filter(({ error }) => error === null);
    for (const { scores } of read) for (const id of Object.keys(scores)) ids.add(id);
    after = rows.at(-1)?.imageId ?? after;
    if (read.length > 0 || rows.length < lookedAt) return ids;
  }
}

/**
 * A page of the images that a version scored, the highest value first.
 * @param after the `next` of the previous page.
 * @throws PoolError.
 */
export async function poolPage(
  ports: Pick<Ports, 'store'>,
  { version, classNames, metrics }: PoolOrders,
  order: ScoreOrder,
  { size, after }: { readonly size: number; readonly after?: string | undefined },
): Promise<PoolPage> {
  if (!Number.isInteger(size) || size < 1 || size > largestPage) {
    throw new PoolError(
      'page-size-invalid',
      `A page cannot have ${size} images.`,
      `Ask for 1 to ${largestPage} images.`,
    );
  }
  if (order.kind === 'score' && !metrics.includes(order.metric)) {
    throw new PoolError(
      'score-unknown',
      `No image has the score "${order.metric}".`,
      metrics.length === 0 ? 'No image could be scored; the log says why.' : `There are ${metrics.join(', ')}.`,
    );
  }
  const { predictions } = ports.store;
  const begin = after === undefined ? undefined : parseKey(after);
  // One extra row shows whether there is a next page.
  const rows =
    order.kind === 'score'
      ? await predictions.top(version.id, order.metric, size + 1, begin)
      : await predictions.byClass(version.id, order.classId, size + 1, begin);
  const shown = rows.slice(0, size);
  const last = shown.at(-1);
  const images = await describe(ports, version, classNames, shown);
  return { images, next: rows.length > size && last !== undefined ? keyOf(last) : null };
}

async function describe(
  ports: Pick<Ports, 'store'>,
  version: ModelVersionRow,
  classNames: readonly string[],
  rows: readonly ScoredImage[],
): Promise<readonly PoolImage[]> {
  const session = requireRow(await ports.store.sessions.get(version.sessionId), 'session', version.sessionId);
  const ids = rows.map(({ imageId }) => imageId);
  const { datasetId } = session;
  const locator = await ImageLocator.of(ports, datasetId);
  const images = new Map((await ports.store.images.find({ datasetId, ids })).map((image) => [image.id, image]));
  const predictions = await ports.store.predictions.shown(version.id, ids);
  const detections = new Map(predictions.map((prediction) => [prediction.imageId, prediction.detections]));
  return rows.flatMap(({ imageId, score }) => {
    const image = images.get(imageId);
    if (image === undefined) return [];
    const { relativePath, state } = image;
    const expected = expectedObjects(detections.get(imageId) ?? [], classNames);
    return [{ imageId, path: locator.path(image), relativePath, state, value: score, expected }];
  });
}

function expectedObjects(detections: readonly Detection[], classNames: readonly string[]): PoolImage['expected'] {
  const counts = new Map<number, number>();
  for (const { classId, confidence, classScores } of detections) {
    const { classIds, scores } = classScores ?? { classIds: [classId], scores: [confidence] };
    for (const [i, id] of classIds.entries()) counts.set(id, (counts.get(id) ?? 0) + (scores[i] ?? 0));
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([id, count]) => ({ className: classNames[id] ?? `class ${id}`, count }));
}

/**
 * A key stays valid while other images are scored: JavaScript prints a number so that it is parsed to the same value.
 */
function keyOf({ score, imageId }: ScoredImage): string {
  return `${score}_${imageId}`;
}

function parseKey(key: string): ScoredImage {
  const [score = '', imageId = '', ...more] = key.split('_');
  const read = { score: Number(score), imageId: Number(imageId) };
  if (score !== '' && Number.isFinite(read.score) && /^\d+$/.test(imageId) && more.length === 0) return read;
  throw new PoolError(
    'page-key-invalid',
    `"${key}" is not the key of a page.`,
    'Use the key at the end of the previous page, or leave it out for the first page.',
  );
}
