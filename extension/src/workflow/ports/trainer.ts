import type { ErrorReport } from '../../core/errors.ts';
import type { ModelInfo } from '../../core/detection/types.ts';
import type { ModelJob } from './job.ts';
import type { Lease } from './store/leases.ts';

/** A line of `events.jsonl` (docs/run-folder.md). */
export type RunEvent = { readonly sequence: number; readonly time: string } & (
  | {
      readonly kind: 'started';
      readonly pid: number;
      readonly device: string;
      readonly epochs: number;
      readonly resumedAt?: number;
    }
  | { readonly kind: 'batch'; readonly epoch: number; readonly batch: number; readonly batches: number }
  | {
      readonly kind: 'epoch';
      readonly epoch: number;
      readonly epochs: number;
      readonly seconds: number;
      readonly losses: Readonly<Record<string, number>>;
    }
  | { readonly kind: 'metrics'; readonly epoch: number; readonly values: Readonly<Record<string, number>> }
  | { readonly kind: 'log'; readonly message: string }
  | {
      readonly kind: 'warning';
      readonly code: string;
      readonly message: string;
      /** The image of the snapshot with the problem. */
      readonly image?: number;
      readonly reason?: string;
    }
  | { readonly kind: 'finished'; readonly status: 'finished' | 'cancelled' }
  | { readonly kind: 'failed'; readonly error: ErrorReport }
);

/** `result.json`: its presence means that the run is over. Paths are absolute once read. */
export interface RunResult {
  readonly status: 'finished' | 'cancelled' | 'failed';
  readonly weightsPath?: string;
  /**
   * Job `export`: the file that the name of a base model resolved to. It belongs to the user and may be gone by now.
   */
  readonly exportedFrom?: string;
  readonly onnxPath?: string;
  readonly modelInfo?: ModelInfo;
  readonly epochsCompleted: number;
  readonly trainingSeconds: number;
  readonly finalLoss?: number;
  /** Read from the optimizer, not copied from the configuration. */
  readonly optimizer?: Readonly<Record<string, unknown>>;
  /**
   * Images that were used for training and validation, as the trainer counts them; undefined if it did not get that
   * far.
   */
  readonly dataset?: {
    readonly trainImages: number | null;
    readonly trainBoxes: number | null;
    readonly leftOut: readonly { readonly image: number; readonly split: 'train' | 'val'; readonly reason: string }[];
  };
  readonly packages: Readonly<Record<string, string>>;
  readonly device: string;
  readonly error?: ErrorReport;
}

/** The Python for training, and its problems. */
export interface TrainingEnvironment {
  readonly python: string;
  readonly pythonVersion: string;
  readonly packages: Readonly<Record<string, string>>;
  readonly devices: readonly string[];
}

export interface FollowOptions {
  /** Events up to this sequence were already stored. */
  readonly afterSequence: number;
  readonly onEvent: (event: RunEvent) => void | Promise<void>;
  /** Called once before any other event, with the last stored start or epoch. */
  readonly onKnown?: (event: RunEvent) => void;
  readonly signal?: AbortSignal;
}

/**
 * Trainings through the run-folder contract. A separate port starts processes, so that an editor can use a terminal
 * task.
 */
export interface Trainer {
  /** @throws TrainingError `python-missing`, `python-too-old`, `packages-missing`, … each with a way out. */
  checkEnvironment(): Promise<TrainingEnvironment>;
  /**
   * Checks before anything is stored that these weights may be loaded; `prepare` checks again, but late.
   * @throws TrainingError `weights-unknown`, `weights-missing`
   */
  checkWeights(weights: string): Promise<void>;
  /** Writes the run folder: config.json, and the dataset snapshot of a training. Idempotent. @throws TrainingError `disk-full`, `read-only`, `run-conflict`. */
  prepare(job: ModelJob): Promise<void>;
  /** Starts the process, or continues an interrupted run from its checkpoint. @returns the process's lease. */
  start(runId: string): Promise<Lease>;
  /** Follows `events.jsonl` until `result.json` exists. If the process dies without one, the code is `trainer-died`. */
  follow(runId: string, options: FollowOptions): Promise<RunResult>;
  /** Asks the process to stop at the next batch, and kills it if it does not. Does nothing if none runs. */
  cancel(runId: string): Promise<void>;
  /** Whether a live process of the product works in that run folder (pid, start time and nonce match). */
  isAlive(runId: string): Promise<boolean>;
  /** The result, once the run is over. */
  result(runId: string): Promise<RunResult | null>;
}
