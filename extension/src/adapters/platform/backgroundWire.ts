import type { ErrorReport } from '../../core/errors.ts';
import type { BackgroundWork } from '../../workflow/ports/background.ts';
import type { ProgressUpdate } from '../../workflow/ports/progress.ts';
import type { ModelJob } from '../../workflow/ports/job.ts';

/** The settings with which the background process opens the workspace; those of its parent. */
export interface BackgroundSetup {
  /** The folder that contains `.active-learning`. */
  readonly folder: string;
  readonly python?: string | undefined;
  readonly scorePlugins?: boolean;
}

/** A call of the parent's trainer by the background process. */
export type TrainerCall =
  | { readonly method: 'prepare'; readonly args: readonly [ModelJob] }
  | { readonly method: 'start' | 'follow' | 'cancel'; readonly args: readonly [string] };

export type WorkOutcome =
  | { readonly ok: true; readonly result: unknown }
  | { readonly ok: false; readonly error: ErrorReport };

export type ToBackground =
  | {
      readonly kind: 'run';
      readonly setup: BackgroundSetup;
      readonly work: BackgroundWork;
      readonly allowDownload: boolean;
    }
  | { readonly kind: 'abort' }
  | { readonly kind: 'answer'; readonly id: number; readonly outcome: WorkOutcome };

export type FromBackground =
  | { readonly kind: 'progress'; readonly update: ProgressUpdate }
  | { readonly kind: 'warning'; readonly message: string }
  | { readonly kind: 'notice'; readonly message: string }
  | { readonly kind: 'call'; readonly id: number; readonly call: TrainerCall }
  | { readonly kind: 'end'; readonly outcome: WorkOutcome };
