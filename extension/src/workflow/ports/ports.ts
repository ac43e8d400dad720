import type { Artifacts } from './artifacts.ts';
import type { Background } from './background.ts';
import type { ClassFile } from './classFile.ts';
import type { DatasetFiles } from './datasetFiles.ts';
import type { EmbeddingStore } from './embeddings.ts';
import type { Inference } from './inference.ts';
import type { LabelSource } from './labelSource.ts';
import type { ScorePlugins } from './scorePlugins.ts';
import type { ReportProgress } from './progress.ts';
import type { Selector } from './selector.ts';
import type { Store } from './store.ts';
import type { System } from './system.ts';
import type { Trainer } from './trainer.ts';
import type { KnownFiles } from './userRecord.ts';

/** Everything a use case may use. A composition root (editor, command line) provides it. */
export interface Ports {
  readonly store: Store;
  readonly datasetFiles: DatasetFiles;
  readonly labels: LabelSource;
  readonly classFile: ClassFile;
  readonly inference: Inference;
  readonly trainer: Trainer;
  readonly artifacts: Artifacts;
  readonly embeddings: EmbeddingStore;
  /** The files whose content this user trusts: only they are run, loaded or exported. */
  readonly knownFiles: KnownFiles;
  /** The user's own scores; undefined if plug-ins may not run. */
  readonly scorePlugins?: ScorePlugins;
  readonly selector: Selector;
  /** Runs work on many images in separate processes; undefined in a program that exits after its work. */
  readonly background?: Background;
  readonly system: System;
  /** Folder that contains one folder per run. */
  readonly runsFolder: string;
}

/** What a caller may pass to any long use case. */
export interface RunOptions {
  readonly report?: ReportProgress;
  readonly signal?: AbortSignal;
  /** The user agreed to download base weights that are not on this machine. */
  readonly allowDownload?: boolean;
}

/** Reports progress if the caller listens. */
export function reportProgress(options: RunOptions, step: string, message: string, fraction?: number): void {
  options.report?.({ step, message, ...(fraction === undefined ? {} : { fraction }) });
}

const betweenReports = 200;

/**
 * Reports how many of `total` items are done, at most a few times a second, because items may be fast or slow.
 * @returns the function to call for each finished item.
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
