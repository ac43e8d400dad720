import type { ProgressUpdate } from './progress.ts';
import type { Trainer } from './trainer.ts';

/** What work in another process may use of the caller. */
export interface BackgroundCaller {
  readonly trainer: Trainer;
  readonly report?: (update: ProgressUpdate) => void;
  readonly signal?: AbortSignal;
  readonly allowDownload?: boolean;
}

/** Work by name. Arguments and result are plain data. */
export interface BackgroundWork {
  readonly name: string;
  readonly args: readonly unknown[];
}

/** Runs work in a process that exits afterwards, so that it does not use the caller's memory. */
export interface Background {
  /**
   * @throws errors of the work, as an AppError with the same name, code and hint; BackgroundError `process-died`,
   * `cancelled` if the process does not stop in time.
   */
  run(work: BackgroundWork, caller: BackgroundCaller): Promise<unknown>;
  /** Ends all processes. */
  close(): Promise<void>;
}
