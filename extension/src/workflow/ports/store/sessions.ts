import type { SessionSettings, SessionStatus } from '../../../core/session/types.ts';

export interface SessionRow extends SessionSettings {
  readonly id: number;
  readonly datasetId: number;
  readonly status: SessionStatus;
  readonly currentIteration: number;
  readonly bestMap50: number | null;
  readonly bestMap5095: number | null;
  readonly createdAt: string;
  readonly startedAt: string | null;
  readonly completedAt: string | null;
}

export interface SessionChange {
  readonly settings?: Partial<SessionSettings>;
  readonly status?: SessionStatus;
  readonly currentIteration?: number;
  readonly bestMap50?: number | null;
  readonly bestMap5095?: number | null;
  readonly startedAt?: string;
  readonly completedAt?: string | null;
}

export interface SessionStore {
  /** @throws StoreError `duplicate-name`. */
  create(datasetId: number, settings: SessionSettings): Promise<SessionRow>;
  get(id: number): Promise<SessionRow | null>;
  list(): Promise<SessionRow[]>;
  update(id: number, change: SessionChange): Promise<SessionRow>;
  /**
   * Deletes the session with its iterations, samples, models, runs and predictions. Keeps the dataset's images and
   * label history.
   */
  delete(id: number): Promise<void>;
}
