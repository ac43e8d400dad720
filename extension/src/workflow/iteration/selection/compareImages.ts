import type { EmbeddingMatrix } from '../../../core/selection/embeddings.ts';
import { strategyById } from '../../../core/selection/registry.ts';
import type { Strategy } from '../../../core/selection/strategy.ts';
import { readVectorsAndPictures } from '../../dataset/datasetHashes.ts';
import { nearDuplicates, type NearDuplicates } from '../../similarity/duplicates.ts';
import type { Ports, RunOptions } from '../../ports/ports.ts';
import type { ModelVersionRow } from '../../ports/store/models.ts';
import type { SessionRow } from '../../ports/store/sessions.ts';
import { embeddingsFor } from '../../similarity/embedImages.ts';

/** The similarities of images that the selection of a batch needs. */
export interface ImageComparison {
  /** Null if the strategy does not use them or no model can compute them. */
  readonly vectors: EmbeddingMatrix | null;
  readonly alike: NearDuplicates;
}

/** Whether no model exists yet that could rank the pool. */
export function isCold(session: SessionRow, version: ModelVersionRow | null): boolean {
  return version === null && session.strategy !== 'random';
}

/** The strategy of the session. @throws SelectionError `unknown-strategy`. */
export function strategyOf(session: SessionRow, version: ModelVersionRow | null): Strategy {
  return strategyById(isCold(session, version) ? 'typicality' : session.strategy);
}

/**
 * Computes vectors and near duplicates for the session's strategy. Does not need the scores of the pool, so both can be
 * read at the same time.
 * @throws SelectionError `unknown-strategy`; errors of reading and inference.
 */
export async function compareImages(
  ports: Ports,
  session: SessionRow,
  version: ModelVersionRow | null,
  options: RunOptions = {},
): Promise<ImageComparison> {
  const strategy = strategyOf(session, version);
  // `random` is a fair baseline only if it ignores near duplicates.
  if (strategy.id === 'random') return { vectors: null, alike: { groups: [], poolLeaks: 0, trainingLeaks: [] } };
  const { vectors, pictures } = await readVectorsAndPictures(
    ports,
    session.datasetId,
    async (see) => (strategy.embeddings === 'unused' ? null : embeddingsFor(ports, session, options, see)),
    options,
  );
  return { vectors, alike: await nearDuplicates(ports, pictures, vectors, options) };
}
