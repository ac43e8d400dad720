import * as vscode from 'vscode';
import type { Folders, OpenFolder, Runner } from '../services.ts';
import { commandIds } from '../ids.ts';
import { debounce, Disposables } from '../lifecycle.ts';
import { showInformation } from '../ui/window.ts';

/** Images are copied one by one. */
const quietMs = 2000;
/** What is made here is ours. */
const own = /[\\/]\.active-learning[\\/]/;

/** What is watched of one folder. */
interface Watched {
  /** Tells whether other places are to be watched. */
  readonly places: string;
  readonly parts: Disposables;
}

/** Notices images that appear in the datasets of the sessions, wherever these lie, and offers to read them. */
export class ImageWatch implements vscode.Disposable {
  readonly #runner: Runner;
  readonly #log: vscode.LogOutputChannel;
  readonly #owned = new Disposables();
  readonly #watched = new Map<OpenFolder, Watched>();
  /** How many new images of a dataset were last spoken of. */
  readonly #told = new Map<string, number>();

  constructor(folders: Folders, runner: Runner, log: vscode.LogOutputChannel) {
    this.#runner = runner;
    this.#log = log;
    this.#owned.track(
      folders.onDidChange((folder) => {
        if (folder !== undefined) void this.#follow(folder).catch((error: unknown) => this.#note(error));
      }),
    );
  }

  dispose(): void {
    for (const { parts } of this.#watched.values()) parts.dispose();
    this.#watched.clear();
    this.#owned.dispose();
  }

  /** Watches the folders that the datasets of a folder's sessions name now. */
  async #follow(folder: OpenFolder): Promise<void> {
    // The rows of a stranger must not choose what is watched; those of a read-only folder get no new images.
    if (folder.browseOnly) return this.#forgetClosed(folder);
    const { datasets } = folder.ports.store;
    const rows = await datasets.list();
    const roots = await Promise.all(rows.map(({ id }) => datasets.roots(id)));
    const places = JSON.stringify(roots.map((list) => list.map(({ path }) => path)));
    const known = this.#watched.get(folder);
    if (this.#owned.isDisposed || known?.places === places) return;
    this.#forgetClosed(folder);
    const parts = new Disposables();
    this.#watched.set(folder, { places, parts });
    for (const [index, { id }] of rows.entries()) {
      const look = parts.track(debounce(() => void this.#look(folder, id), quietMs));
      for (const { path } of roots[index] ?? []) {
        const pattern = new vscode.RelativePattern(vscode.Uri.file(path), '**/*');
        const watcher = parts.track(vscode.workspace.createFileSystemWatcher(pattern, false, true, true));
        parts.track(
          watcher.onDidCreate(({ fsPath }) => {
            if (!own.test(fsPath)) look();
          }),
        );
      }
    }
  }

  /** A folder that was closed and opened anew, or whose sessions lie elsewhere now, is another one. */
  #forgetClosed({ folder: { uri } }: OpenFolder): void {
    for (const [other, { parts }] of this.#watched) {
      if (other.folder.uri.toString() !== uri.toString()) continue;
      parts.dispose();
      this.#watched.delete(other);
    }
  }

  async #look(folder: OpenFolder, datasetId: number): Promise<void> {
    // An iteration reads its dataset anew when it begins, and one that runs must not wait.
    if (this.#owned.isDisposed || this.#runner.current !== null || !vscode.workspace.isTrusted) return;
    const key = `${folder.folder.uri.toString()} ${datasetId}`;
    try {
      const { countNewImages } = await import('../../workflow/dataset/datasets.ts');
      const count = await countNewImages(folder.ports, datasetId);
      const told = this.#told.get(key);
      this.#told.set(key, count);
      if (count === 0 || count === told || this.#owned.isDisposed) return;
      await this.#offer(folder, datasetId, count);
    } catch (error) {
      this.#note(error);
    }
  }

  async #offer(folder: OpenFolder, datasetId: number, count: number): Promise<void> {
    const session = (await folder.ports.store.sessions.list()).find((row) => row.datasetId === datasetId);
    if (session === undefined) return;
    const rescan = vscode.l10n.t('Rescan Dataset');
    const text =
      count === 1
        ? vscode.l10n.t('There is a new image in the dataset of "{0}".', session.name)
        : vscode.l10n.t('There are {0} new images in the dataset of "{1}".', count, session.name);
    const chosen = await showInformation(text, rescan);
    if (chosen === rescan) {
      await vscode.commands.executeCommand(commandIds.datasetRescan, { folder, sessionId: session.id });
    }
  }

  /** A drive that is away, or a description that is being written: the next rescan says so. */
  #note(error: unknown): void {
    if (!this.#owned.isDisposed) this.#log.debug(`Looking for new images: ${String(error)}`);
  }
}
