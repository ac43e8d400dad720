import type { Ports, RunOptions } from '../../ports/ports.ts';
import { throwIfCancelled } from '../../shared/errors.ts';
import { loadModel } from '../../models/modelFiles.ts';
import type { ModelVersionRow } from '../../ports/store/models.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import { PoolTriage } from './poolTriage.ts';
import { RowScorer } from './rowScorer.ts';
import { scoreOptionsOf } from './scoringPlan.ts';

/** Stored predictions that are read and scored at a time: a few milliseconds of the event loop. */
const chunk = 100;

export interface RescoreReport {
  /** Number of images whose scores were computed again. */
  readonly rescored: number;
  /** Messages about plug-ins that were switched off. */
  readonly faults: readonly string[];
}

/**
 * Computes the scores of a version's pool again from its stored boxes if settings, metrics of the version or plug-ins
 * have changed. Does not run the model: images without a prediction stay without scores.
 * @throws WorkflowError `no-model` if the model description is missing, `cancelled`.
 */
export async function rescorePool(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow,
  options: RunOptions = {},
): Promise<RescoreReport> {
  const { head, names } = (await loadModel(ports, version)).info;
  const scoreOptions = scoreOptionsOf(session, version);
  const scorer = await RowScorer.open(ports, { scoreOptions, head, classNames: names }, options);
  let rescored = 0;
  try {
    const triage = new PoolTriage(ports, session, version.id, {
      // Includes predictions with other settings: every stored prediction takes part in selection.
      isPredicted: () => true,
      isScored: ({ failed, scoringKey }) => failed || scorer.isCurrent(scoringKey),
      onKept: () => undefined,
    });
    for await (const image of triage.toPredict()) {
      throwIfCancelled(options.signal);
      triage.take(image.id);
    }
    await rescoreStale(ports, version.id, triage, scorer, options, (count) => (rescored += count));
    await removeFailedScores(ports, version.id, scorer, options);
  } finally {
    await scorer.close();
  }
  return { rescored, faults: scorer.faults };
}

/**
 * Computes the scores again that a triage found to be outdated.
 * @param onScored receives the number of scored images after every step.
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
 * Also removes the values that a plug-in gave before it failed: a partly scored pool cannot be ranked.
 * @throws WorkflowError `cancelled`.
 */
export async function removeFailedScores(
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
