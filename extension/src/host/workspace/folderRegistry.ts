import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { Stranger } from '../../composition/trust.ts';
import { Disposables } from '../lifecycle.ts';
import { databasePath, LiveFolder, strangerOf, type FolderSupport } from './folderContext.ts';
import type { Folders, OpenFolder } from '../services.ts';
import { storageParent } from '../settings.ts';
import { showWarning } from '../ui/window.ts';

/**
 * The workspace's folders and their databases, each opened once, when first needed. Before the workspace is trusted
 * they can only be looked at, and none is made. Nor is anything done in those that came with the folder before the user
 * trusts them, too.
 */
export class WorkspaceFolders implements Folders {
  readonly #support: FolderSupport;
  readonly #open = new Map<string, Promise<LiveFolder>>();
  readonly #owned = new Disposables();
  readonly #news = this.#owned.track(new vscode.EventEmitter<OpenFolder | undefined>());
  readonly #told = new Set<string>();
  readonly #memory: vscode.Memento;
  /** The folders whose trust was asked for in this window. */
  readonly #asked = new Set<string>();
  readonly #unlockedOnce = new WeakSet<LiveFolder>();
  readonly onDidChange = this.#news.event;

  /** @param memory of the workspace: where the user chose to look only. */
  constructor(support: FolderSupport, memory: vscode.Memento) {
    this.#support = support;
    this.#memory = memory;
    this.#owned.track(
      vscode.workspace.onDidChangeWorkspaceFolders(({ removed }) => {
        for (const folder of removed) void this.#close(folder);
        this.#news.fire(undefined);
      }),
    );
    // Whoever opens a folder next opens it in earnest. Settings that were held back may lead to another database.
    this.#owned.track(vscode.workspace.onDidGrantWorkspaceTrust(() => void this.followSettings()));
  }

  async open(folder: vscode.WorkspaceFolder, create: boolean): Promise<LiveFolder | null> {
    if (folder.uri.scheme !== 'file') return null;
    const key = folder.uri.toString();
    const known = this.#open.get(key);
    if (known !== undefined) return this.#unlocked(await known);
    // Opening in earnest finishes journaled writes to label files, which a stranger's database must not ask for.
    const { isTrusted } = vscode.workspace;
    if (!(create && isTrusted) && !existsSync(databasePath(folder))) return null;
    const live = await this.#begin(folder, { browseOnly: !isTrusted, trust: false });
    if (live.stranger !== null) this.#ask(live.folder, live.stranger);
    return live;
  }

  /** The folders whose sessions came with them, in a trusted workspace. */
  async strangers(): Promise<readonly { readonly folder: vscode.WorkspaceFolder; readonly stranger: Stranger }[]> {
    const { strangerIn } = await import('../../composition/workspace.ts');
    const found: { readonly folder: vscode.WorkspaceFolder; readonly stranger: Stranger }[] = [];
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      if (folder.uri.scheme !== 'file') continue;
      const live = await this.open(folder, false).catch((error: unknown) => {
        const stranger = strangerOf(error);
        if (stranger === null) throw error;
        return { stranger };
      });
      const stranger = live === null ? await strangerIn(storageParent(folder)) : live.stranger;
      if (stranger !== null) found.push({ folder, stranger });
    }
    return found;
  }

  /** The user trusts the sessions that came with this folder. */
  async trust(folder: vscode.WorkspaceFolder): Promise<void> {
    const live = await this.#open.get(folder.uri.toString())?.catch(() => null);
    if (live == null) await this.#begin(folder, { browseOnly: false, trust: true });
    else {
      await live.unlock(true);
      await this.#tell(live);
      this.#news.fire(live);
    }
  }

  async openAll(): Promise<readonly LiveFolder[]> {
    const opened: LiveFolder[] = [];
    const failures: unknown[] = [];
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      try {
        const live = await this.open(folder, false);
        if (live !== null) opened.push(live);
      } catch (error) {
        failures.push(error);
      }
    }
    // One broken database must not hide the sessions of the other folders.
    if (opened.length === 0 && failures.length > 0) throw failures[0];
    for (const failure of failures) this.#support.log.error(failure instanceof Error ? failure : String(failure));
    return opened;
  }

  /** Closes the databases that the settings no longer lead to. */
  async followSettings(): Promise<void> {
    for (const opening of this.#open.values()) {
      const live = await opening.catch(() => null);
      if (live !== null && !live.isCurrent) await this.#close(live.folder);
    }
    this.#news.fire(undefined);
  }

  /** Ends everything; resolves when the databases are closed. */
  async close(): Promise<void> {
    this.#owned.dispose();
    const opened = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(opened.map(async (opening) => (await opening).close()));
  }

  dispose(): void {
    void this.close();
  }

  async #begin(
    folder: vscode.WorkspaceFolder,
    how: { readonly browseOnly: boolean; readonly trust: boolean },
  ): Promise<LiveFolder> {
    const key = folder.uri.toString();
    const opening = LiveFolder.open(folder, this.#support, how);
    this.#open.set(key, opening);
    try {
      const live = await opening;
      live.onDidChange(() => this.#news.fire(live));
      await this.#tell(live);
      this.#news.fire(live);
      return live;
    } catch (error) {
      // The next call tries again: a lock or a full disk passes.
      this.#open.delete(key);
      throw error;
    }
  }

  /** Asks beside the work; the answer may come much later, or never. */
  #ask(folder: vscode.WorkspaceFolder, stranger: Stranger): void {
    if (this.#asked.has(stranger.folder)) return;
    this.#asked.add(stranger.folder);
    void (async () => {
      const { askTrust } = await import('../trust/folderTrust.ts');
      if (await askTrust(stranger, this.#memory)) await this.trust(folder);
    })().catch((error: unknown) => this.#support.log.error(`Trusting ${folder.name}: ${String(error)}`));
  }

  async #unlocked(live: LiveFolder): Promise<LiveFolder> {
    if (!live.browseOnly || !vscode.workspace.isTrusted || live.stranger !== null || live.isReadOnly) return live;
    await live.unlock();
    if (live.stranger !== null) {
      this.#ask(live.folder, live.stranger);
      return live;
    }
    if (!this.#unlockedOnce.has(live)) {
      this.#unlockedOnce.add(live);
      await this.#tell(live);
    }
    return live;
  }

  async #close(folder: vscode.WorkspaceFolder): Promise<void> {
    const key = folder.uri.toString();
    const opening = this.#open.get(key);
    this.#open.delete(key);
    await opening?.then((live) => live.close()).catch((error: unknown) => this.#support.log.error(String(error)));
  }

  /** What the database and the recovery have to say, once a window. */
  async #tell(live: LiveFolder): Promise<void> {
    const { notices } = await live.ports.store.info();
    for (const notice of notices) {
      this.#support.log.warn(notice);
      if (this.#told.has(notice)) continue;
      this.#told.add(notice);
      void showWarning(notice);
    }
    if (live.isReadOnly && !this.#told.has(live.storage.fsPath)) {
      this.#told.add(live.storage.fsPath);
      const { offerStorage } = await import('./storageLocation.ts');
      void offerStorage(live.folder, true);
    }
    const { completed, written, conflicts } = live.recovery;
    if (completed + written > 0) {
      this.#support.log.info(`Finished ${completed + written} verdicts that an earlier process left.`);
    }
    if (conflicts === 0) return;
    void showWarning(
      vscode.l10n.t(
        '{0} label files were changed by another program while a verdict was being written. They were kept as they are.',
        conflicts,
      ),
    );
  }
}
