import type * as vscode from 'vscode';
import type { GridSource } from '../../protocol/grid.ts';
import type { ReviewAction } from '../../protocol/review.ts';
import type { ImageList } from '../../workflow/review/imageVerdicts.ts';
import type { IterationRunner } from '../running/runner.ts';
import type { SessionRef } from '../workspace/folderContext.ts';
import type { FolderRegistry } from '../workspace/folderRegistry.ts';

/** What panels need of the host. */
export interface PanelServices {
  readonly extension: vscode.ExtensionContext;
  readonly log: vscode.LogOutputChannel;
  readonly folders: FolderRegistry;
  readonly runner: IterationRunner;
}

/** Panels, opened by commands and restored by VS Code after a reload. */
export interface Panels extends vscode.Disposable {
  showReview(ref: SessionRef, sampleId?: number): Promise<void>;
  /** Opens images of the dataset, samples or not, one after the other in the review editor. */
  showImages(ref: SessionRef, list: ImageList): Promise<void>;
  /** Shows images of a session as a grid. @param shown which ones; by default those that it showed last. */
  showGrid(ref: SessionRef, shown?: GridSource | ImageList): Promise<void>;
  showMetrics(ref: SessionRef): Promise<void>;
  /** Sends a command to the active review panel, if there is one. @param classId for `change-class`, from 0. */
  reviewAction(action: ReviewAction, classId?: number): void;
}
