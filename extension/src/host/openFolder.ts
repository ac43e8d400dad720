import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Launcher } from '../adapters/training/launcher.ts';
import type { Workspace } from '../composition/workspace.ts';
import type { Engine } from '../workflow/engine.ts';
import type { RecoveryReport } from '../workflow/recovery.ts';
import { weightsPath } from './downloads.ts';
import { debounce, Disposables } from './lifecycle.ts';
import type { OpenFolder } from './services.ts';
import { storageParent } from './settings.ts';

const pollMs = 2000;
const debounceMs = 150;

/** What opening a folder needs of its surroundings. */
export interface FolderSupport {
  readonly log: vscode.LogOutputChannel;
  /** The Python to train with, as far as it is known without starting one. */
  python(folder: vscode.WorkspaceFolder): string | undefined;
  /** Whether weights of this name may be downloaded. */
  mayDownload(folder: vscode.WorkspaceFolder, weights: string): boolean;
  /** Starts trainers; without it they run detached. */
  launcher(folder: vscode.WorkspaceFolder): Launcher | undefined;
}

/** A workspace folder whose database is open. Its engine is made anew when the Python changes. */
export class LiveFolder implements OpenFolder {
  readonly folder: vscode.WorkspaceFolder;
  readonly storage: vscode.Uri;
  readonly onDidChange: vscode.Event<void>;
  readonly changed: () => void;
  readonly #support: FolderSupport;
  readonly #owned = new Disposables();
  readonly #parent: string;
  #workspace: Workspace;
  #python: string | undefined;
  #engine: Engine;

  /** Opens or makes the database, and finishes what dead processes left. */
  static async open(folder: vscode.WorkspaceFolder, support: FolderSupport): Promise<LiveFolder> {
    const parent = storageParent(folder);
    const python = support.python(folder);
    return new LiveFolder(folder, support, parent, python, await openEngine(folder, support, parent, python));
  }

  private constructor(
    folder: vscode.WorkspaceFolder,
    support: FolderSupport,
    parent: string,
    python: string | undefined,
    workspace: Workspace,
  ) {
    this.folder = folder;
    this.storage = vscode.Uri.file(workspace.folder);
    this.#support = support;
    this.#parent = parent;
    this.#python = python;
    this.#workspace = workspace;
    this.#engine = consenting(workspace.engine, folder, support);
    const news = this.#owned.track(new vscode.EventEmitter<void>());
    this.onDidChange = news.event;
    this.changed = this.#owned.track(debounce(() => news.fire(), debounceMs));
    this.#watchOtherWindows();
  }

  get engine(): Engine {
    return this.#engine;
  }

  get recovery(): RecoveryReport {
    return this.#workspace.recovery;
  }

  /** Whether the folder's settings still lead to the database that is open. */
  get isCurrent(): boolean {
    return storageParent(this.folder) === this.#parent;
  }

  /** Takes another Python. Not while an iteration runs: its worker processes and database would end. */
  async usePython(python: string): Promise<void> {
    if (python === this.#python) return;
    const next = await openEngine(this.folder, this.#support, this.#parent, python);
    const before = this.#workspace;
    this.#workspace = next;
    this.#python = python;
    this.#engine = consenting(next.engine, this.folder, this.#support);
    await before.close();
  }

  async close(): Promise<void> {
    this.#owned.dispose();
    // The database first: an iteration that loses its workers would otherwise be stored as failed.
    await this.#workspace.engine.store.close();
    await this.#workspace.engine.inference.close();
  }

  #watchOtherWindows(): void {
    let seen: number | undefined;
    let asking = false;
    const look = async (): Promise<void> => {
      if (asking || this.#owned.isDisposed) return;
      asking = true;
      try {
        const version = await this.engine.store.dataVersion();
        if (seen !== undefined && version !== seen) this.changed();
        seen = version;
      } catch (error) {
        if (!this.#owned.isDisposed) this.#support.log.debug(`Looking for changes: ${String(error)}`);
      } finally {
        asking = false;
      }
    };
    const timer = setInterval(() => {
      // A window that nobody looks at catches up when it gets the focus.
      if (vscode.window.state.focused) void look();
    }, pollMs);
    this.#owned.track({ dispose: () => clearInterval(timer) });
    this.#owned.track(
      vscode.window.onDidChangeWindowState((state) => {
        if (state.focused) void look();
      }),
    );
  }
}

/** The database file that shows that a folder has sessions. */
export function databasePath(folder: vscode.WorkspaceFolder): string {
  return join(storageParent(folder), '.active-learning', 'sessions.db');
}

async function openEngine(
  folder: vscode.WorkspaceFolder,
  support: FolderSupport,
  parent: string,
  python: string | undefined,
): Promise<Workspace> {
  // Loaded here and not at activation: schemas, image decoder and all.
  const { openWorkspace } = await import('../composition/workspace.ts');
  const launcher = support.launcher(folder);
  return openWorkspace({
    folder: parent,
    python,
    ...(launcher === undefined ? {} : { launcher }),
    onWarning: (message) => support.log.warn(message),
  });
}

/** The engine with the user's word on downloads, which use cases never allow by themselves, and weights of the workspace. */
function consenting(engine: Engine, folder: vscode.WorkspaceFolder, support: FolderSupport): Engine {
  const { trainer } = engine;
  return {
    ...engine,
    trainer: {
      ...trainer,
      prepare: (request) =>
        trainer.prepare({
          ...request,
          // The trainer works in the run's folder, where a path relative to the workspace leads nowhere.
          weights: weightsPath(folder, request.weights),
          allowDownload: request.allowDownload || support.mayDownload(folder, request.weights),
        }),
    },
  };
}
