import { join } from 'node:path';
import * as vscode from 'vscode';
import type { Launcher } from '../../adapters/training/launcher.ts';
import type { Stranger } from '../../composition/trust.ts';
import type { Workspace } from '../../composition/workspace.ts';
import { AppError } from '../../core/errors.ts';
import type { Ports } from '../../workflow/ports/ports.ts';
import type { RecoveryReport } from '../../workflow/dataset/recovery.ts';
import { ChangeWatch } from './databaseWatch.ts';
import { weightsPath } from '../trust/downloadConsent.ts';
import { debounce, Disposables } from '../lifecycle.ts';
import type { OpenFolder } from '../services.ts';
import { storageParent } from '../settings.ts';
import { showWarning } from '../ui/window.ts';

const pollMs = 2000;
/** Without the focus, one look in so many is enough. */
const unfocusedPolls = 5;
const debounceMs = 150;
/** What was begun with one set of ports may take this long once there is a newer one. */
const graceMs = 30_000;

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

/**
 * A workspace folder whose database is open; only to look at in a workspace that is not trusted, and where the sessions
 * came with the folder. Its ports are created again when trust is granted and when the Python changes.
 */
export class LiveFolder implements OpenFolder {
  readonly folder: vscode.WorkspaceFolder;
  readonly storage: vscode.Uri;
  readonly onDidChange: vscode.Event<void>;
  readonly changed: () => void;
  readonly #support: FolderSupport;
  readonly #owned = new Disposables();
  readonly #watch = new ChangeWatch();
  readonly #parent: string;
  #workspace: Workspace;
  #python: string | undefined;
  #ports: Ports;
  #browseOnly: boolean;
  #stranger: Stranger | null;
  #unlocking: Promise<void> | null = null;
  /** Workspaces that were replaced, until whoever still reads from them is done. */
  readonly #replaced = new Map<Workspace, NodeJS.Timeout>();

  /**
   * Opens or makes the database, and finishes what dead processes left; with `browseOnly`, and where somebody else made
   * the sessions, neither.
   * @throws UntrustedFolderError where there is nothing that can be looked at.
   */
  static async open(
    folder: vscode.WorkspaceFolder,
    support: FolderSupport,
    { browseOnly, trust }: { readonly browseOnly: boolean; readonly trust: boolean },
  ): Promise<LiveFolder> {
    const parent = storageParent(folder);
    // A setting of a stranger's folder must not name a program.
    const toLookAt = { parent, python: undefined, browseOnly: true };
    if (browseOnly) return new LiveFolder(folder, support, toLookAt, await openPorts(folder, support, toLookAt), null);
    const place = { parent, python: support.python(folder), browseOnly: false, trust };
    try {
      const workspace = await openPorts(folder, support, place);
      await leaveMarker(folder, parent, support);
      return new LiveFolder(folder, support, place, workspace, null);
    } catch (error) {
      const stranger = strangerOf(error);
      if (stranger === null) throw error;
      const workspace = await openPorts(folder, support, toLookAt).catch((reason: unknown) => {
        support.log.info(`${folder.name} cannot be looked at: ${String(reason)}`);
        throw error;
      });
      return new LiveFolder(folder, support, toLookAt, workspace, stranger);
    }
  }

  private constructor(
    folder: vscode.WorkspaceFolder,
    support: FolderSupport,
    { parent, python, browseOnly }: Place,
    workspace: Workspace,
    stranger: Stranger | null,
  ) {
    this.#stranger = stranger;
    this.folder = folder;
    this.storage = vscode.Uri.file(workspace.folder);
    this.#support = support;
    this.#parent = parent;
    this.#python = python;
    this.#browseOnly = browseOnly || workspace.isReadOnly;
    this.#workspace = workspace;
    this.#ports = consenting(workspace.ports, folder, support);
    const news = this.#owned.track(new vscode.EventEmitter<void>());
    this.onDidChange = news.event;
    this.changed = this.#owned.track(debounce(() => news.fire(), debounceMs));
    this.#watchOtherWindows();
  }

  get ports(): Ports {
    return this.#ports;
  }

  get recovery(): RecoveryReport {
    return this.#workspace.recovery;
  }

  /** Whether the folder's settings still lead to the database that is open. */
  get isCurrent(): boolean {
    return storageParent(this.folder) === this.#parent;
  }

  /** Whether it may only be looked at. */
  get browseOnly(): boolean {
    return this.#browseOnly;
  }

  /** Whether it may only be looked at because its folder cannot be written. */
  get isReadOnly(): boolean {
    return this.#workspace.isReadOnly;
  }

  /** Who made the sessions is not known, and the user has not said to trust them; null otherwise. */
  get stranger(): Stranger | null {
    return this.#stranger;
  }

  /**
   * The workspace is trusted now: opens the database in earnest, and finishes what dead processes left. Sessions that
   * came with the folder stay as they are.
   * @param trust the user trusts them, too.
   */
  unlock(trust = false): Promise<void> {
    if (!this.#browseOnly || this.isReadOnly || (this.#stranger !== null && !trust)) return Promise.resolve();
    this.#unlocking ??= this.#openInEarnest(this.#support.python(this.folder), trust)
      .catch((error: unknown) => {
        this.#stranger = strangerOf(error);
        if (this.#stranger === null) throw error;
      })
      .finally(() => (this.#unlocking = null));
    return this.#unlocking;
  }

  /** Takes another Python. Not while an iteration runs: its worker processes and database would end. */
  async usePython(python: string): Promise<void> {
    if (python !== this.#python && !this.#browseOnly) await this.#openInEarnest(python, false);
  }

  async close(): Promise<void> {
    this.#owned.dispose();
    for (const timer of this.#replaced.values()) clearTimeout(timer);
    for (const { ports } of [this.#workspace, ...this.#replaced.keys()]) {
      // The database first: an iteration that loses its workers would otherwise be stored as failed.
      await ports.store.close();
      await ports.inference.close();
    }
  }

  async #openInEarnest(python: string | undefined, trust: boolean): Promise<void> {
    const place = { parent: this.#parent, python, browseOnly: false, trust };
    const next = await openPorts(this.folder, this.#support, place);
    if (this.#owned.isDisposed) return next.close();
    await leaveMarker(this.folder, this.#parent, this.#support);
    this.#replace(this.#workspace);
    this.#workspace = next;
    this.#python = python;
    this.#browseOnly = next.isReadOnly;
    this.#stranger = null;
    this.#ports = consenting(next.ports, this.folder, this.#support);
    this.changed();
  }

  /** A tree or a panel may be in the middle of several reads: they end with what they began with. */
  #replace(workspace: Workspace): void {
    const timer = setTimeout(() => {
      this.#replaced.delete(workspace);
      workspace.close().catch((error: unknown) => this.#support.log.debug(`Closing a database: ${String(error)}`));
    }, graceMs);
    this.#replaced.set(workspace, timer);
  }

  #watchOtherWindows(): void {
    // At once: what happens from now on counts, also before a window without the focus looks for the first time.
    void this.#look();
    let passed = 0;
    const timer = setInterval(() => {
      passed += 1;
      // A window without the focus may stand beside the one that has it: it follows too, a little later.
      if (vscode.window.state.focused || passed % unfocusedPolls === 0) void this.#look();
    }, pollMs);
    this.#owned.track({ dispose: () => clearInterval(timer) });
    this.#owned.track(
      vscode.window.onDidChangeWindowState((state) => {
        if (state.focused) void this.#look();
      }),
    );
  }

  async #look(): Promise<void> {
    if (this.#owned.isDisposed) return;
    try {
      if (await this.#watch.look(this.ports.store)) this.changed();
    } catch (error) {
      if (!this.#owned.isDisposed) this.#support.log.debug(`Looking for changes: ${String(error)}`);
    }
  }
}

/** The database file that shows that a folder has sessions. */
export function databasePath(folder: vscode.WorkspaceFolder): string {
  return join(storageParent(folder), '.active-learning', 'sessions.db');
}

/** Who made the sessions that could not be opened; null for every other failure. */
export function strangerOf(error: unknown): Stranger | null {
  // The class itself lies in code that is loaded when a folder is opened.
  if (!(error instanceof AppError) || error.code !== 'untrusted-folder' || !('stranger' in error)) return null;
  return error.stranger as Stranger;
}

/** In a folder that cannot be written VS Code wakes the extension with the sidebar alone. */
async function leaveMarker(
  { uri }: vscode.WorkspaceFolder,
  parent: string,
  { log }: Pick<FolderSupport, 'log'>,
): Promise<void> {
  const { markStorage } = await import('./storageMarker.ts');
  await markStorage(uri.fsPath, parent).catch((error: unknown) => log.info(`No marker was left: ${String(error)}`));
}

/** Where and how a folder's database is opened. */
interface Place {
  /** The folder that holds `.active-learning`. */
  readonly parent: string;
  readonly python: string | undefined;
  readonly browseOnly: boolean;
  /** The user trusts what lies there. */
  readonly trust?: boolean;
}

async function openPorts(
  folder: vscode.WorkspaceFolder,
  support: FolderSupport,
  { parent, python, browseOnly, trust = false }: Place,
): Promise<Workspace> {
  // Loaded here and not at activation: schemas, image decoder and all.
  const { openWorkspace } = await import('../../composition/workspace.ts');
  const launcher = support.launcher(folder);
  return openWorkspace({
    folder: parent,
    python,
    browseOnly,
    background: true,
    trust,
    visible: (vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri.fsPath),
    ...(launcher === undefined ? {} : { launcher }),
    onWarning: (message) => support.log.warn(message),
    onNotice: (message) => void showWarning(message),
  });
}

/** The ports with the user's word on downloads, which use cases never allow by themselves, and weights of the workspace. */
function consenting(ports: Ports, folder: vscode.WorkspaceFolder, support: FolderSupport): Ports {
  const { trainer } = ports;
  return {
    ...ports,
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
