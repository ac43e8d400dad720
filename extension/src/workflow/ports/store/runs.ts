import type { RunState } from '../../../core/session/types.ts';
import type { Lease } from './leases.ts';

export interface RunRow {
  readonly id: string;
  readonly sessionId: number;
  readonly iterationId: number;
  readonly job: 'train' | 'export';
  readonly state: RunState;
  readonly lease: Lease | null;
  readonly folder: string;
  /** SHA-256 of the sorted (image content hash, label hash) pairs that the run trains on. */
  readonly labelSnapshot: string | null;
  readonly lastSequence: number;
  readonly createdAt: string;
}

export interface MetricPoint {
  readonly sequence: number;
  readonly epoch: number;
  readonly name: string;
  readonly value: number;
}

export interface RunStore {
  /** @param trainingImages the images that the run trains on. */
  create(
    run: Omit<RunRow, 'lease' | 'lastSequence' | 'createdAt'>,
    trainingImages?: readonly number[],
  ): Promise<RunRow>;
  /** The images that the run trains on; `null` if it was made before this was recorded, or if there is no such run. */
  trainingImages(id: string): Promise<number[] | null>;
  get(id: string): Promise<RunRow | null>;
  list(states?: readonly RunState[]): Promise<RunRow[]>;
  update(id: string, change: { state?: RunState; lease?: Lease | null }): Promise<void>;
  /** Idempotent by (run, sequence, name); moves `lastSequence` forward. */
  addMetrics(id: string, lastSequence: number, points: readonly MetricPoint[]): Promise<void>;
  metrics(id: string): Promise<MetricPoint[]>;
}
