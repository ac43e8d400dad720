import type { Artifacts } from './artifacts.ts';
import type { Background } from './background.ts';
import type { ClassFile } from './classFile.ts';
import type { DatasetFiles } from './datasetFiles.ts';
import type { EmbeddingStore } from './embeddings.ts';
import type { Inference } from './inference.ts';
import type { LabelSource } from './labelSource.ts';
import type { MetricPlugins } from './metricPlugins.ts';
import type { ReportProgress } from './progress.ts';
import type { Selector } from './selector.ts';
import type { Store } from './store.ts';
import type { System } from './system.ts';
import type { Trainer } from './trainer.ts';
import type { KnownFiles } from './userRecord.ts';

/** Everything a use case may use; a composition root (editor, command line) fills it. */
export interface Ports {
  readonly store: Store;
  readonly datasetFiles: DatasetFiles;
  readonly labels: LabelSource;
  readonly classFile: ClassFile;
  readonly inference: Inference;
  readonly trainer: Trainer;
  readonly artifacts: Artifacts;
  readonly embeddings: EmbeddingStore;
  /** The files whose bytes this user vouches for: only they are run, loaded or handed out. */
  readonly knownFiles: KnownFiles;
  /** The user's own metrics; absent where none may run. */
  readonly metricPlugins?: MetricPlugins;
  readonly selector: Selector;
  /** Where work on many images is done; absent in a program that ends when it is done. */
  readonly background?: Background;
  readonly system: System;
  /** Folder that holds one folder a run. */
  readonly runsFolder: string;
}

/** What a caller may pass to any long use case. */
export interface RunOptions {
  readonly report?: ReportProgress;
  readonly signal?: AbortSignal;
  /** The person agreed that base weights which are not on this machine may be downloaded. */
  readonly allowDownload?: boolean;
}

/** Reports progress where somebody listens. */
export function reportProgress(options: RunOptions, step: string, message: string, fraction?: number): void {
  options.report?.({ step, message, ...(fraction === undefined ? {} : { fraction }) });
}

const betweenReports = 200;

/**
 * Reports how many of `total` items are done, a few times a second: each may take a moment or a minute.
 * @returns what is called for each item that is done.
 */
export function countProgress(
  options: RunOptions,
  step: string,
  message: (done: number) => string,
  total: number,
): () => void {
  let done = 0;
  let next = 0;
  return () => {
    done += 1;
    const now = performance.now();
    if (now < next && done < total) return;
    next = now + betweenReports;
    reportProgress(options, step, message(done), done / total);
  };
}
