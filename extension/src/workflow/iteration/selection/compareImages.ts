import type { EmbeddingMatrix } from '../../../core/selection/embeddings.ts';
import { strategyById } from '../../../core/selection/registry.ts';
import type { Strategy } from '../../../core/selection/strategy.ts';
import { readVectorsAndPictures } from '../../dataset/datasetPictures.ts';
import { nearDuplicates, type NearDuplicates } from '../../similarity/duplicates.ts';
import type { Ports, RunOptions } from '../../ports/ports.ts';
import type { ModelVersionRow } from '../../ports/store/models.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import { embeddingsFor } from '../../similarity/embedImages.ts';

/** How the images of a dataset compare, as far as a batch needs it. */
export interface Comparison {
  /** Null where the strategy has no use for them, or no model can give them. */
  readonly vectors: EmbeddingMatrix | null;
  readonly alike: NearDuplicates;
}

/** Whether there is no model yet that a batch could go by. */
export function isCold(session: SessionRow, version: ModelVersionRow | null): boolean {
  return version === null && session.strategy !== 'random';
}

/** What chooses the session's batch. @throws SelectionError `unknown-strategy`. */
export function strategyOf(session: SessionRow, version: ModelVersionRow | null): Strategy {
  return strategyById(isCold(session, version) ? 'typicality' : session.strategy);
}

/**
 * Gathers vectors and look-alikes for the session's strategy. Needs nothing of the pool's scores, so that both can be read
 * at once.
 * @throws SelectionError `unknown-strategy`; what reading and inference throw.
 */
export async function compareImages(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow | null,
  options: RunOptions = {},
): Promise<Comparison> {
  const strategy = strategyOf(session, version);
  // `random` is an honest comparison only where it knows of no look-alikes.
  if (strategy.id === 'random') return { vectors: null, alike: { groups: [], poolLeaks: 0, trainingLeaks: [] } };
  const { vectors, pictures } = await readVectorsAndPictures(
    ports,
    session.datasetId,
    async (see) => (strategy.embeddings === 'unused' ? null : embeddingsFor(ports, session, options, see)),
    options,
  );
  return { vectors, alike: await nearDuplicates(ports, pictures, vectors, options) };
}
