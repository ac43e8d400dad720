import type { Ports, RunOptions } from '../../ports/ports.ts';
import { throwIfCancelled } from '../../shared/errors.ts';
import { loadModel } from '../../models/modelFiles.ts';
import type { ModelVersionRow } from '../../ports/store/models.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import { PoolTriage } from './poolTriage.ts';
import { RowScorer } from './rowScorer.ts';
import { metricOptionsOf } from './scoringPlan.ts';

/** Stored predictions that are read and scored in one go: a few milliseconds of the event loop. */
const chunk = 100;

export interface RescoreReport {
  /** Images whose scores were computed again. */
  readonly rescored: number;
  /** What is wrong with plug-ins that were switched off, in words. */
  readonly faults: readonly string[];
}

/**
 * Computes the scores of a version's pool again from its stored boxes, wherever settings, figures of the version or
 * plug-ins are others than those they were computed with. The model is not run: what it never saw stays without scores.
 * @throws WorkflowError `no-model` where the description of the model is gone, `cancelled`.
 */
export async function rescorePool(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow,
  options: RunOptions = {},
): Promise<RescoreReport> {
  const { head, names } = (await loadModel(ports, version)).info;
  const metricOptions = metricOptionsOf(session, version);
  const scorer = await RowScorer.open(ports, { metricOptions, head, classNames: names }, options);
  let rescored = 0;
  try {
    const triage = new PoolTriage(ports, session, version.id, {
      // However it was predicted: a prediction that is there is one that images are chosen by.
      isPredicted: () => true,
      isScored: ({ failed, scoringKey }) => failed || scorer.isCurrent(scoringKey),
      onKept: () => undefined,
    });
    for await (const image of triage.toPredict()) {
      throwIfCancelled(options.signal);
      triage.take(image.id);
    }
    await rescoreStale(ports, version.id, triage, scorer, options, (count) => (rescored += count));
    await dropFailed(ports, version.id, scorer, options);
  } finally {
    await scorer.close();
  }
  return { rescored, faults: scorer.faults };
}

/**
 * Scores again what a triage found to be old.
 * @param onScored told how many were scored after every step.
 * @throws WorkflowError `cancelled`.
 */
export async function rescoreStale(
  ports: Pick<Ports, 'store'>,
  versionId: number,
  triage: PoolTriage,
  scorer: RowScorer,
  options: RunOptions,
  onScored: (count: number) => void,
): Promise<void> {
  for await (const batch of triage.toRescore(chunk)) {
    throwIfCancelled(options.signal);
    const scored = await scorer.score(batch);
    throwIfCancelled(options.signal);
    const rows = batch.flatMap(({ row }, i) => (scored[i] ? [{ imageId: row.imageId, ...scored[i] }] : []));
    await ports.store.predictions.rescore(versionId, rows);
    onScored(rows.length);
  }
}

/**
 * What a plug-in gave before it failed goes too: a pool of which a part has a score cannot be ranked by it.
 * @throws WorkflowError `cancelled`.
 */
export async function dropFailed(
  ports: Pick<Ports, 'store'>,
  versionId: number,
  scorer: RowScorer,
  options: RunOptions,
): Promise<void> {
  if (scorer.dropped.length === 0) return;
  const { predictions } = ports.store;
  for (let after = 0; ;) {
    throwIfCancelled(options.signal);
    const rows = await predictions.page(versionId, after, chunk);
    const changed = rows.flatMap((row) => {
      const scored = scorer.withoutDropped(row);
      return scored === null ? [] : [{ imageId: row.imageId, ...scored }];
    });
    if (changed.length > 0) await predictions.rescore(versionId, changed);
    const last = rows.at(-1);
    if (!last || rows.length < chunk) return;
    after = last.imageId;
  }
}
