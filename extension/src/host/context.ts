import type * as vscode from 'vscode';
import type { DownloadConsent } from './trust/downloadConsent.ts';
import type { PythonEnvironment } from './environment/environment.ts';
import type { ErrorPresenter } from './ui/errorPresenter.ts';
import type { WorkspaceFolders } from './workspace/folderRegistry.ts';
import type { IterationRunner } from './running/runner.ts';
import type { HostServices } from './services.ts';
import type { Takeover } from './running/takeover.ts';
import type { TrainingTasks } from './tasks/trainingTasks.ts';

/** The sidebar, as far as others need it. */
export interface SessionView {
  /** Reads and looks for everything anew. */
  refresh(): void;
}

/** What commands, tree and status bar work with: the shared services, and what only they need. */
export interface Host extends HostServices {
  readonly folders: WorkspaceFolders;
  readonly runner: IterationRunner;
  readonly errors: ErrorPresenter;
  readonly environment: PythonEnvironment;
  readonly downloads: DownloadConsent;
  readonly tasks: TrainingTasks;
  /** The Problems panel's entries about datasets. */
  readonly diagnostics: vscode.DiagnosticCollection;
  /** What other windows of this workspace work on. */
  readonly takeover: Takeover;
  readonly tree: SessionView;
}
