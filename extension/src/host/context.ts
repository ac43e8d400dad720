import type * as vscode from 'vscode';
import type { PythonEnvironment } from './environment/environment.ts';
import type { LazyPanels } from './panels/lazyPanels.ts';
import type { IterationRunner } from './running/runner.ts';
import type { Takeover } from './running/takeover.ts';
import type { TrainingTasks } from './tasks/trainingTasks.ts';
import type { DownloadConsent } from './trust/downloadConsent.ts';
import type { ErrorPresenter } from './ui/errorPresenter.ts';
import type { FolderRegistry } from './workspace/folderRegistry.ts';

/** The parts of the extension that commands, the sessions view and the status bar share. */
export interface HostContext {
  readonly extension: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly errors: ErrorPresenter;
  readonly downloads: DownloadConsent;
  readonly environment: PythonEnvironment;
  readonly tasks: TrainingTasks;
  readonly folders: FolderRegistry;
  readonly runner: IterationRunner;
  readonly takeover: Takeover;
  readonly panels: LazyPanels;
  /** Dataset problems in the Problems panel. */
  readonly diagnostics: vscode.DiagnosticCollection;
  /** The "Refresh" command asks the sessions view to read everything again. */
  readonly viewRefresh: vscode.EventEmitter<void>;
}

/** Runs a command. `argument` is a tree item, a session reference, or undefined. */
export type CommandHandler = (host: HostContext, argument: unknown) => Promise<void>;
