import type * as vscode from 'vscode';
import type { Ports } from '../workflow/ports/ports.ts';
import type { ReviewAction } from '../protocol/review.ts';
import type { ProgressUpdate } from '../workflow/ports/progress.ts';

/** One opened workspace folder: its ports, and news of it. */
export interface OpenFolder {
  readonly folder: vscode.WorkspaceFolder;
  readonly ports: Ports;
  /** The folder `.active-learning`. */
  readonly storage: vscode.Uri;
  /** Whether it may only be looked at: the workspace is not trusted, or the sessions came with it and are not. */
  readonly browseOnly: boolean;
  /** Its sessions are only looked at because they lie in a folder that cannot be written. */
  readonly isReadOnly: boolean;
  /** Anything in the database changed, by this window or another one. Debounced. */
  readonly onDidChange: vscode.Event<void>;
  /** Says that this window changed something. */
  changed(): void;
}

/** The workspace folders, opened when they are first needed. */
export interface Folders extends vscode.Disposable {
  /**
   * Opens the folder's database (made if `create`), recovers what dead processes left; null when there is none. Before
   * the workspace is trusted it is opened to be looked at, and never made.
   */
  open(folder: vscode.WorkspaceFolder, create: boolean): Promise<OpenFolder | null>;
  /** Those that hold sessions, all opened. */
  openAll(): Promise<readonly OpenFolder[]>;
  /** A folder was opened, closed, or changed. */
  readonly onDidChange: vscode.Event<OpenFolder | undefined>;
}

/** A session, told apart across folders. */
export interface SessionRef {
  readonly folder: OpenFolder;
  readonly sessionId: number;
}

/** What is running now, for the status bar and the tree. */
export interface Activity {
  readonly ref: SessionRef;
  readonly sessionName: string;
  readonly iterationNumber: number;
  readonly progress: ProgressUpdate;
}

/** Runs iterations in the background of this window, one at a time for each folder. */
export interface Runner extends vscode.Disposable {
  readonly current: Activity | null;
  readonly onDidChange: vscode.Event<Activity | null>;
  /** Runs or continues the session's iteration to its review. Errors are shown to the user and logged. */
  start(ref: SessionRef): Promise<void>;
  /** After activation: goes on with what an earlier window of ours left in the middle. */
  resumeInterrupted(): Promise<void>;
}

/** Panels, opened by commands and restored by VS Code after a reload. */
export interface Panels extends vscode.Disposable {
  showReview(ref: SessionRef, sampleId?: number): Promise<void>;
  showMetrics(ref: SessionRef): Promise<void>;
  /** What a command asks of the review panel in front; nothing without one. @param classId of `change-class`, from 0. */
  reviewAction(action: ReviewAction, classId?: number): void;
}

/** Everything that parts of the host share. */
export interface HostServices {
  readonly context: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly folders: Folders;
  readonly runner: Runner;
  readonly panels: Panels;
}
