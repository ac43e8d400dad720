import type { CandidateTable } from '../../core/selection/candidates.ts';
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

/** Runs a strategy without keeping the caller's event loop. */
export interface Selector {
  /**
   * @throws SelectionError `unknown-strategy`, `context-invalid`, `thread-died`, `cancelled` when `signal` fires.
   */
  select(request: SelectionRequest, signal?: AbortSignal): Promise<SelectionResult>;
}
