import * as vscode from 'vscode';
import { commandIds } from '../ids.ts';
import { debounce, Disposables } from '../lifecycle.ts';
import type { IterationRunner } from '../running/runner.ts';
import { showInformation } from '../ui/window.ts';
import type { FolderContext } from './folderContext.ts';
import type { FolderRegistry } from './folderRegistry.ts';

/** Images are often copied one by one, so wait until no more arrive. */
const quietMs = 2000;
const storagePath = /[\\/]\.active-learning[\\/]/;

interface WatchedFolder {
  /** Identifies the watched dataset folders. */
  readonly roots: string;
  readonly watchers: Disposables;
}

/** Detects new images in the datasets of the sessions, inside or outside the workspace, and offers to rescan. */
export class NewImageWatch implements vscode.Disposable {
  readonly #runner: IterationRunner;
  readonly #log: vscode.LogOutputChannel;
  readonly #owned = new Disposables();
  readonly #watched = new Map<FolderContext, WatchedFolder>();
  /** The number of new images at the last notification, by dataset. */
  readonly #notified = new Map<string, number>();

  constructor(folders: FolderRegistry, runner: IterationRunner, log: vscode.LogOutputChannel) {
    this.#runner = runner;
    this.#log = log;
    this.#owned.track(
      folders.onDidChange((folder) => {
        if (folder !== undefined) void this.#watch(folder).catch((error: unknown) => this.#logFailure(error));
      }),
    );
  }

  dispose(): void {
    for (const { watchers } of this.#watched.values()) watchers.dispose();
    this.#watched.clear();
    this.#owned.dispose();
  }

  /** Watches the dataset folders of the folder's sessions. */
  async #watch(folder: FolderContext): Promise<void> {
    // An untrusted database must not choose what is watched, and a read-only folder takes no new images.
    if (folder.browseOnly) return this.#unwatch(folder);
    const { datasets } = folder.ports.store;
    const rows = await datasets.list();
    const rootsOfRows = await Promise.all(rows.map(({ id }) => datasets.roots(id)));
    const roots = JSON.stringify(rootsOfRows.map((list) => list.map(({ path }) => path)));
    if (this.#owned.isDisposed || this.#watched.get(folder)?.roots === roots) return;
    this.#unwatch(folder);
    const watchers = new Disposables();
    this.#watched.set(folder, { roots, watchers });
    for (const [index, { id }] of rows.entries()) {
      const count = watchers.track(debounce(() => void this.#countNewImages(folder, id), quietMs));
      for (const { path } of rootsOfRows[index] ?? []) {
        const pattern = new vscode.RelativePattern(vscode.Uri.file(path), '**/*');
        const watcher = watchers.track(vscode.workspace.createFileSystemWatcher(pattern, false, true, true));
        watchers.track(
          watcher.onDidCreate(({ fsPath }) => {
            if (!storagePath.test(fsPath)) count();
          }),
        );
      }
    }
  }

  /** Compared by URI: a reopened folder has another context. */
  #unwatch({ folder: { uri } }: FolderContext): void {
    for (const [other, { watchers }] of this.#watched) {
      if (other.folder.uri.toString() !== uri.toString()) continue;
      watchers.dispose();
      this.#watched.delete(other);
    }
  }

  async #countNewImages(folder: FolderContext, datasetId: number): Promise<void> {
    // An iteration rescans its dataset when it starts, and a running one must not be slowed down.
    if (this.#owned.isDisposed || this.#runner.current !== null || !vscode.workspace.isTrusted) return;
    const key = `${folder.folder.uri.toString()} ${datasetId}`;
    try {
      const { countNewImages } = await import('./deferred.ts');
      const count = await countNewImages(folder.ports, datasetId);
      const notified = this.#notified.get(key);
      this.#notified.set(key, count);
      if (count === 0 || count === notified || this.#owned.isDisposed) return;
      await this.#offerRescan(folder, datasetId, count);
    } catch (error) {
      this.#logFailure(error);
    }
  }

  async #offerRescan(folder: FolderContext, datasetId: number, count: number): Promise<void> {
    const session = (await folder.ports.store.sessions.list()).find((row) => row.datasetId === datasetId);
    if (session === undefined) return;
    const rescan = vscode.l10n.t('Rescan Dataset');
    const text =
      count === 1
        ? vscode.l10n.t('Found a new image in the dataset of "{0}".', session.name)
        : vscode.l10n.t('Found {0} new images in the dataset of "{1}".', count, session.name);
    const chosen = await showInformation(text, rescan);
    if (chosen === rescan) {
      await vscode.commands.executeCommand(commandIds.datasetRescan, { folder, sessionId: session.id });
    }
  }

  /** The drive may be disconnected or the dataset file half-written; the next rescan reports it. */
  #logFailure(error: unknown): void {
    if (!this.#owned.isDisposed) this.#log.debug(`Checking for new images: ${String(error)}`);
  }
}
