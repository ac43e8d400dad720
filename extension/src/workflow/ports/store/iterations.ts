import type { ShownThresholds } from '../../../core/detection/shownThresholds.ts';
import type { IterationStatus } from '../../../core/session/types.ts';

export interface IterationRow {
  readonly id: number;
  readonly sessionId: number;
  readonly iterationNumber: number;
  readonly status: IterationStatus;
  /** The step to resume after `failed` or `cancelled`. */
  readonly resumeFrom: IterationStatus | null;
  readonly error: string | null;
  readonly trainingImagesCount: number | null;
  readonly trainingBoxesCount: number | null;
  readonly validationImagesCount: number | null;
  readonly validationRevisionId: number | null;
  readonly map50: number | null;
  readonly map5095: number | null;
  readonly precision: number | null;
  readonly recall: number | null;
  readonly loss: number | null;
  readonly modelPath: string | null;
  readonly weightsPath: string | null;
  readonly trainingTimeSeconds: number | null;
  readonly scoringTimeSeconds: number | null;
  readonly runId: string | null;
  /** From which confidence on the predictions of the batch are shown, and written by an accept. */
  readonly shownThresholds: ShownThresholds;
  readonly startedAt: string;
  readonly completedAt: string | null;
}

export type IterationChange = Partial<Omit<IterationRow, 'id' | 'sessionId' | 'iterationNumber'>>;

export interface IterationStore {
  /** @throws StoreError `duplicate-iteration` if another window was faster. */
  create(sessionId: number, iterationNumber: number, status: IterationStatus): Promise<IterationRow>;
  get(id: number): Promise<IterationRow | null>;
  byNumber(sessionId: number, iterationNumber: number): Promise<IterationRow | null>;
  list(sessionId: number): Promise<IterationRow[]>;
  update(id: number, change: IterationChange): Promise<IterationRow>;
}
