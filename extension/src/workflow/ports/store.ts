import type { DatasetStore } from './store/datasets.ts';
import type { DraftStore } from './store/drafts.ts';
import type { ImageStore } from './store/images.ts';
import type { IterationStore } from './store/iterations.ts';
import type { LabelEventStore } from './store/labelEvents.ts';
import type { LeaseStore } from './store/leases.ts';
import type { ModelStore } from './store/models.ts';
import type { PredictionStore } from './store/predictions.ts';
import type { RunStore } from './store/runs.ts';
import type { SampleStore } from './store/samples.ts';
import type { SessionStore } from './store/sessions.ts';
import type { ValidationDetectionStore } from './store/validationDetections.ts';

export interface StoreInfo {
  readonly schemaVersion: number;
  readonly journalMode: string;
  /** Messages for the user, such as the fall-back from WAL on a network drive. */
  readonly notices: readonly string[];
}

/** The session database. Every method is one short transaction; names follow the tables of docs/database.md. */
export interface Store {
  info(): Promise<StoreInfo>;
  /** Changes if another connection writes: SQLite's `data_version`. */
  dataVersion(): Promise<number>;
  close(): Promise<void>;
  readonly datasets: DatasetStore;
  readonly images: ImageStore;
  readonly sessions: SessionStore;
  readonly iterations: IterationStore;
  readonly samples: SampleStore;
  readonly drafts: DraftStore;
  readonly models: ModelStore;
  readonly predictions: PredictionStore;
  readonly validationDetections: ValidationDetectionStore;
  readonly labelEvents: LabelEventStore;
  readonly runs: RunStore;
  readonly leases: LeaseStore;
}
