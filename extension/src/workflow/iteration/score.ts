import { AppError } from '../../core/errors.ts';
import { reportProgress, type Ports, type RunOptions } from '../ports/ports.ts';
import type { ModelVersionRow } from '../ports/store/models.ts';
import type { SessionRow } from '../ports/store/sessions.ts';
import { throwIfCancelled } from '../shared/errors.ts';
import { chooseScoringModel, rejectFastModel } from './scoring/chooseScoringModel.ts';
import { scorePool, type ScoringCounts } from './scoring/scorePool.ts';

export interface ScoringReport extends ScoringCounts {
  /** Includes the choice of the model. */
  readonly seconds: number;
}

/** Errors that may be caused by one model file alone. */
const modelFaults: readonly string[] = ['model-silent', 'model-missing', 'model-broken', 'worker-failed'];

/**
 * Step 4: chooses the scoring model, then predicts and scores every image of the pool with it. If a fast model fails,
 * this reports and stores the failure, and the version's own model scores the whole pool.
 * @throws what `scorePool` throws.
 */
export async function scoreVersion(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow,
  options: RunOptions,
): Promise<ScoringReport> {
  const start = ports.system.clock.monotonic();
  const { model, fallback } = await chooseScoringModel(ports, session, version, options);
  let counts: ScoringCounts;
  try {
    counts = await scorePool(ports, session, version, model, options);
  } catch (error) {
    throwIfCancelled(options.signal);
    if (fallback === null || !(error instanceof AppError) || !modelFaults.includes(error.code)) throw error;
    reportProgress(options, 'score', `Fast scoring is given up, and the full model scores: ${error.message}`);
    await rejectFastModel(ports, version.id, error.message);
    counts = await scorePool(ports, session, version, fallback, options);
  }
  return { ...counts, seconds: (ports.system.clock.monotonic() - start) / 1000 };
}
