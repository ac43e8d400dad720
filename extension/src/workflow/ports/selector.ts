import type { Leak, LookalikeGroup } from '../../core/duplicates/groups.ts';
import type { PictureColumns } from '../../core/duplicates/pictures.ts';
import type { CandidateTable } from '../../core/selection/candidates.ts';
import type { EmbeddingMatrix } from '../../core/selection/embeddings.ts';
import type { SelectionContext, SelectionResult } from '../../core/selection/strategy.ts';

/** A batch that is wanted, as plain data: it crosses to a thread. */
export interface SelectionRequest {
  /** Id of a registered strategy. */
  readonly strategy: string;
  readonly pool: CandidateTable;
  readonly context: Omit<SelectionContext, 'random' | 'kernel'>;
  /** 32 bits: the same seed and pool give the same batch. */
  readonly seed: number;
}

/** Pictures among which those that show the same are wanted, as plain data. */
export interface NearDuplicateRequest {
  /** What must stay comes first: the held-out ones, then whoever should rather stay than go. */
  readonly pictures: PictureColumns;
  /** So many of them are held out of training. */
  readonly held: number;
  /** Without vectors only pictures with almost the same hash are alike. */
  readonly embeddings: EmbeddingMatrix | null;
}

export interface NearDuplicateResult {
  readonly groups: readonly LookalikeGroup[];
  /** The others that show what a held-out picture shows. */
  readonly leaks: readonly Leak[];
}

/** Chooses and compares images without keeping the caller's event loop. */
export interface Selector {
  /**
   * Runs a strategy.
   * @throws SelectionError `unknown-strategy`, `context-invalid`, `thread-died`, `cancelled` when `signal` fires.
   */
  select(request: SelectionRequest, signal?: AbortSignal): Promise<SelectionResult>;
  /**
   * Finds the pictures that show the same: less than a second with 100,000, seconds with a million.
   * @throws SelectionError `thread-died`, `cancelled` when `signal` fires.
   */
  nearDuplicates(request: NearDuplicateRequest, signal?: AbortSignal): Promise<NearDuplicateResult>;
}
