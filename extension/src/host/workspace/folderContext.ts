import * as vscode from 'vscode';
import type { Launcher } from '../../adapters/training/launcher.ts';
import type { UntrustedFolder } from '../../composition/trust.ts';
import type { Workspace } from '../../composition/workspace.ts';
import { AppError } from '../../core/errors.ts';
import type { Ports } from '../../workflow/ports/ports.ts';
import type { RecoveryReport } from '../../workflow/dataset/recovery.ts';
import { debounce, Disposables } from '../lifecycle.ts';
import { storageParent } from '../settings.ts';
import { weightsPath } from '../trust/downloadConsent.ts';
import { showWarning } from '../ui/window.ts';
import { DatabaseWatch } from './databaseWatch.ts';

const pollMs = 2000;
/** A window without the focus polls at every fifth interval. */
const unfocusedPolls = 5;
const debounceMs = 150;
/** A reviewer's next key must not wait while the trees and panels read a queue of 10,000 samples again. */
const verdictDebounceMs = 1000;
const verdictDelayMs = 10_000;
/** A replaced workspace stays open this long, so that reads in progress can finish. */
const replacedCloseDelayMs = 30_000;

/** What the host provides to open a folder. */
export interface FolderSupport {
  readonly log: vscode.LogOutputChannel;
  /** The Python to train with, if it is known without starting one. */
  python(folder: vscode.WorkspaceFolder): string | undefined;
  /** Whether weights with this name may be downloaded. */
  mayDownload(folder: vscode.WorkspaceFolder, weights: string): boolean;
  /** Starts trainers; without a launcher they run as detached processes. */
  launcher(folder: vscode.WorkspaceFolder): Launcher | undefined;
}

/** A session and its workspace folder; session ids are unique only within a folder. */
export interface SessionRef {
  readonly folder: FolderContext;
  readonly sessionId: number;
}

/**
 * A workspace folder whose database is open. It is view-only if the workspace is not trusted, the sessions came with the
 * folder, or the folder is read-only. Its ports are replaced when the user grants trust and when the Python changes.
 */
export class FolderContext {
  readonly folder: vscode.WorkspaceFolder;
  /** The folder `.active-learning`. */
  readonly storage: vscode.Uri;
  /** This window or another one changed the database. Debounced. */
  readonly onDidChange: vscode.Event<void>;
  /** Reports that this window changed the database. */
  readonly changed: () => void;
  /** Reports a verdict of this window, which its page shows already: other views follow once the reviewer pauses. */
  readonly verdictGiven: () => void;
  readonly #support: FolderSupport;
  readonly #owned = new Disposables();
  readonly #databaseWatch = new DatabaseWatch();
  readonly #parent: string;
  #workspace: Workspace;
  #python: string | undefined;
  #ports: Ports;
  #browseOnly: boolean;
  #stranger: UntrustedFolder | null;
  #unlocking: Promise<void> | null = null;
  /** Replaced workspaces, and the timers that close them. */
  readonly #replaced = new Map<Workspace, NodeJS.Timeout>();

  /**
   * Opens or creates the database and recovers the work of dead processes. With `browseOnly`, and if someone else created
   * the sessions, it only opens an existing database for reading.
   * @throws UntrustedFolderError if the sessions are untrusted and cannot be viewed either.
   */
  static async open(
    folder: vscode.WorkspaceFolder,
    support: FolderSupport,
    { browseOnly, trust }: { readonly browseOnly: boolean; readonly trust: boolean },
  ): Promise<FolderContext> {
    const parent = storageParent(folder);
    // A setting in an untrusted folder must not name a program.
    const viewOnly = { parent, python: undefined, browseOnly: true };
    if (browseOnly) {
      return new FolderContext(folder, support, viewOnly, await openWorkspaceOf(folder, support, viewOnly), null);
    }
    const location = { parent, python: support.python(folder), browseOnly: false, trust };
    try {
      const workspace = await openWorkspaceOf(folder, support, location);
      await leaveMarker(folder, parent, support);
      return new FolderContext(folder, support, location, workspace, null);
    } catch (error) {
      const stranger = untrustedFolderOf(error);
      if (stranger === null) throw error;
      const workspace = await openWorkspaceOf(folder, support, viewOnly).catch((reason: unknown) => {
        support.log.info(`${folder.name} cannot be viewed: ${String(reason)}`);
        throw error;
      });
      return new FolderContext(folder, support, viewOnly, workspace, stranger);
    }
  }

  private constructor(
    folder: vscode.WorkspaceFolder,
    support: FolderSupport,
    { parent, python, browseOnly }: StorageAccess,
    workspace: Workspace,
    stranger: UntrustedFolder | null,
  ) {
    this.#stranger = stranger;
    this.folder = folder;
    this.storage = vscode.Uri.file(workspace.folder);
    this.#support = support;
    this.#parent = parent;
    this.#python = python;
    this.#browseOnly = browseOnly || workspace.isReadOnly;
    this.#workspace = workspace;
    this.#ports = withUserChoices(workspace.ports, folder, support);
    const changes = this.#owned.track(new vscode.EventEmitter<void>());
    this.onDidChange = changes.event;
    this.changed = this.#owned.track(debounce(() => changes.fire(), debounceMs));
    this.verdictGiven = this.#owned.track(debounce(() => changes.fire(), verdictDebounceMs, verdictDelayMs));
    this.#watchOtherWindows();
  }

  get ports(): Ports {
    return this.#ports;
  }

  get recovery(): RecoveryReport {
    return this.#workspace.recovery;
  }

  /** Whether the folder's settings still point to the open database. */
  get isCurrent(): boolean {
    return storageParent(this.folder) === this.#parent;
  }

  /** Whether the sessions can only be viewed. */
  get browseOnly(): boolean {
    return this.#browseOnly;
  }

  /** Whether the sessions can only be viewed because their folder is not writable. */
  get isReadOnly(): boolean {
    return this.#workspace.isReadOnly;
  }

  /** The origin of sessions that came with the folder and that the user does not trust; null otherwise. */
  get stranger(): UntrustedFolder | null {
    return this.#stranger;
  }

  /**
   * Opens the database for writing once the workspace is trusted, and recovers the work of dead processes. Sessions that
   * came with the folder stay view-only.
   * @param trust the user trusts those, too.
   */
  unlock(trust = false): Promise<void> {
    if (!this.#browseOnly || this.isReadOnly || (this.#stranger !== null && !trust)) return Promise.resolve();
    this.#unlocking ??= this.#reopenForWriting(this.#support.python(this.folder), trust)
      .catch((error: unknown) => {
        this.#stranger = untrustedFolderOf(error);
        if (this.#stranger === null) throw error;
      })
      .finally(() => (this.#unlocking = null));
    return this.#unlocking;
  }

  /** Switches to another Python. Not while an iteration runs: its worker processes and database would be closed. */
  async usePython(python: string): Promise<void> {
    if (python !== this.#python && !this.#browseOnly) await this.#reopenForWriting(python, false);
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

  async #reopenForWriting(python: string | undefined, trust: boolean): Promise<void> {
    const location = { parent: this.#parent, python, browseOnly: false, trust };
    const next = await openWorkspaceOf(this.folder, this.#support, location);
    if (this.#owned.isDisposed) return next.close();
    await leaveMarker(this.folder, this.#parent, this.#support);
    this.#closeLater(this.#workspace);
    this.#workspace = next;
    this.#python = python;
    this.#browseOnly = next.isReadOnly;
    this.#stranger = null;
    this.#ports = withUserChoices(next.ports, this.folder, this.#support);
    this.changed();
  }

  /** A tree or a panel may be in the middle of several reads; they finish with the database that they started with. */
  #closeLater(workspace: Workspace): void {
    const timer = setTimeout(() => {
      this.#replaced.delete(workspace);
      workspace.close().catch((error: unknown) => this.#support.log.debug(`Closing a database: ${String(error)}`));
    }, replacedCloseDelayMs);
    this.#replaced.set(workspace, timer);
  }

  #watchOtherWindows(): void {
    // The first poll sets the baseline, so that changes before the first interval count.
    void this.#pollDatabase();
    let passed = 0;
    const timer = setInterval(() => {
      passed += 1;
      // A window without the focus may stand beside the focused one, so it follows too, a little later.
      if (vscode.window.state.focused || passed % unfocusedPolls === 0) void this.#pollDatabase();
    }, pollMs);
    this.#owned.track({ dispose: () => clearInterval(timer) });
    this.#owned.track(
      vscode.window.onDidChangeWindowState((state) => {
        if (state.focused) void this.#pollDatabase();
      }),
    );
  }

  async #pollDatabase(): Promise<void> {
    if (this.#owned.isDisposed) return;
    try {
      if (await this.#databaseWatch.hasChanged(this.ports.store)) this.changed();
    } catch (error) {
      if (!this.#owned.isDisposed) this.#support.log.debug(`Polling the database: ${String(error)}`);
    }
  }
}

/** The origin of the untrusted sessions that could not be opened; null for any other failure. */
export function untrustedFolderOf(error: unknown): UntrustedFolder | null {
  // Compared by its code: the class would load the database code at activation.
  if (!(error instanceof AppError) || error.code !== 'untrusted-folder' || !('stranger' in error)) return null;
  return error.stranger as UntrustedFolder;
}

/** Without the marker, which a read-only folder cannot hold, VS Code activates the extension only with the sidebar. */
async function leaveMarker(
  { uri }: vscode.WorkspaceFolder,
  parent: string,
  { log }: Pick<FolderSupport, 'log'>,
): Promise<void> {
  const { updateStorageMarker } = await import('./deferred.ts');
  await updateStorageMarker(uri.fsPath, parent).catch((error: unknown) =>
    log.info(`Could not write the storage marker: ${String(error)}`),
  );
}

/** Where and how a folder's database is opened. */
interface StorageAccess {
  /** The folder that contains `.active-learning`. */
  readonly parent: string;
  readonly python: string | undefined;
  readonly browseOnly: boolean;
  /** The user trusts the sessions in that folder. */
  readonly trust?: boolean;
}

async function openWorkspaceOf(
  folder: vscode.WorkspaceFolder,
  support: FolderSupport,
  { parent, python, browseOnly, trust = false }: StorageAccess,
): Promise<Workspace> {
  const { openWorkspace } = await import('./deferred.ts');
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

/** Adds to the ports what only the user decides: whether to download weights, and which files of the workspace they are. */
function withUserChoices(ports: Ports, folder: vscode.WorkspaceFolder, support: FolderSupport): Ports {
  const { trainer } = ports;
  return {
    ...ports,
    trainer: {
      ...trainer,
      prepare: (job) => {
        if (job.kind === 'quantise') return trainer.prepare(job);
        // The trainer works in the run folder, where a path relative to the workspace is invalid.
        const weights = weightsPath(folder, job.weights);
        const allowDownload = job.allowDownload || support.mayDownload(folder, job.weights);
        return trainer.prepare({ ...job, weights, allowDownload });
      },
    },
  };
}
