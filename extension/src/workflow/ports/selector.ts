import type { Leak, NearDuplicateGroup } from '../../core/duplicates/groups.ts';
import type { HashedImageColumns } from '../../core/duplicates/hashedImages.ts';
import type { CandidateTable } from '../../core/selection/candidates.ts';
import type { EmbeddingMatrix } from '../../core/selection/embeddings.ts';
import type { SelectionContext, SelectionResult } from '../../core/selection/strategy.ts';

/** A request for a batch, as plain data: it is sent to a thread. */
export interface SelectionRequest {
  /** Id of a registered strategy. */
  readonly strategy: string;
  readonly pool: CandidateTable;
  readonly context: Omit<SelectionContext, 'random' | 'kernel'>;
  /** 32 bits. The same seed and pool give the same batch. */
  readonly seed: number;
}

/** Images to search for near duplicates, as plain data. */
export interface NearDuplicateRequest {
  /** In order of priority: the held-out images first, then those to keep rather than their duplicates. */
  readonly pictures: HashedImageColumns;
  /** Number of held-out images. */
  readonly held: number;
  /** Without vectors, only images with almost equal hashes are near duplicates. */
  readonly embeddings: EmbeddingMatrix | null;
}

export interface NearDuplicateResult {
  readonly groups: readonly NearDuplicateGroup[];
  /** The other images that are near duplicates of a held-out image. */
  readonly leaks: readonly Leak[];
}

/** Selects and compares images without blocking the caller's event loop. */
export interface Selector {
  /**
   * Runs a strategy.
   * @throws SelectionError `unknown-strategy`, `context-invalid`, `thread-died`, `cancelled` if `signal` fires.
   */
  select(request: SelectionRequest, signal?: AbortSignal): Promise<SelectionResult>;
  /**
   * Finds near duplicates: less than a second for 100,000 images, seconds for a million.
   * @throws SelectionError `thread-died`, `cancelled` if `signal` fires.
   */
  nearDuplicates(request: NearDuplicateRequest, signal?: AbortSignal): Promise<NearDuplicateResult>;
}
