import { defaultThresholds, type ShownThresholds } from '../../core/detection/shownThresholds.ts';
import type { Verdict } from '../../core/session/types.ts';
import type { DatasetRow } from '../ports/store/datasets.ts';
import type { IterationRow } from '../ports/store/iterations.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';
import type { QueuedSample } from '../ports/store/samples.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import type { Ports } from '../ports/ports.ts';
import { poolOrders } from '../session/poolPage.ts';
import { requireRow } from '../shared/errors.ts';

/** What a grid of a session's images needs to know to list and describe them. */
export interface GridContext {
  readonly session: SessionRow;
  readonly dataset: DatasetRow;
  /** The newest iteration with a batch; null if there is none. */
  readonly iteration: IterationRow | null;
  /** The samples of its batch in the order of the queue. */
  readonly batch: readonly QueuedSample[];
  /** The verdict on the newest sample of each image in the session; images without one are left out. */
  readonly verdicts: ReadonlyMap<number, Verdict>;
  /** Whether verdicts on the batch are possible. */
  readonly isOpen: boolean;
  /** From which confidence on predictions of the batch are shown. */
  readonly thresholds: ShownThresholds;
  /** The model versions of the session, to see whether there is another one. */
  readonly versions: string;
  /** The version whose predictions and scores are shown; null without one. */
  readonly version: ModelVersionRow | null;
  /** Ids of the scores that images have, in display order. */
  readonly metrics: readonly string[];
}

/**
 * Reads the context.
 * @param before of an earlier reading: the scores of the images are searched again only if the versions have changed, because
 * that reads all predictions while they are not sorted yet.
 * @throws WorkflowError `not-found` if the session is gone.
 */
export async function gridContext(
  ports: Pick<Ports, 'store'>,
  sessionId: number,
  before: GridContext | null = null,
): Promise<GridContext> {
  const session = requireRow(await ports.store.sessions.get(sessionId), 'session', sessionId);
  const dataset = requireRow(await ports.store.datasets.get(session.datasetId), 'dataset', session.datasetId);
  const iterations = await ports.store.iterations.list(sessionId);
  const versions = JSON.stringify([
    session.rankingMetric,
    (await ports.store.models.list(sessionId)).map(({ id, isActive }) => [id, isActive]),
  ]);
  const isKnown = before !== null && before.version !== null && before.versions === versions;
  const orders = isKnown ? before : await poolOrders(ports, sessionId);
  const found = await newestBatch(ports, iterations);
  const verdicts = new Map<number, Verdict>();
  for (const { imageId, verdict } of await ports.store.samples.newest(sessionId)) {
    if (verdict !== null) verdicts.set(imageId, verdict);
  }
  return {
    session,
    dataset,
    iteration: found?.iteration ?? null,
    batch: found?.batch ?? [],
    verdicts,
    isOpen: found?.iteration.status === 'reviewing',
    thresholds: found?.iteration.shownThresholds ?? defaultThresholds,
    versions,
    version: orders?.version ?? null,
    metrics: orders?.metrics ?? [],
  };
}

async function newestBatch(
  ports: Pick<Ports, 'store'>,
  iterations: readonly IterationRow[],
): Promise<{ readonly iteration: IterationRow; readonly batch: readonly QueuedSample[] } | null> {
  for (const iteration of iterations.toReversed()) {
    // While a batch is still being chosen it may be replaced.
    if (iteration.status !== 'reviewing' && iteration.status !== 'completed') continue;
    const batch = await ports.store.samples.queue(iteration.id);
    if (batch.length > 0) return { iteration, batch };
  }
  return null;
}
