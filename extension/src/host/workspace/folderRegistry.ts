import { existsSync } from 'node:fs';
import * as vscode from 'vscode';
import type { UntrustedFolder } from '../../composition/trust.ts';
import { Disposables } from '../lifecycle.ts';
import { databaseIn } from '../paths.ts';
import { storageParent } from '../settings.ts';
import { askTrust } from '../trust/folderTrust.ts';
import { showWarning } from '../ui/window.ts';
import { FolderContext, untrustedFolderOf, type FolderSupport } from './folderContext.ts';
import { showReadOnlyFolder } from './storageLocation.ts';

/**
 * The workspace folders and their databases, each opened once, when first needed. Until the workspace is trusted, they are
 * view-only and no database is created. Sessions that came with a folder also stay view-only until the user trusts them.
 */
export class FolderRegistry implements vscode.Disposable {
  readonly #support: FolderSupport;
  readonly #open = new Map<string, Promise<FolderContext>>();
  readonly #owned = new Disposables();
  readonly #changes = this.#owned.track(new vscode.EventEmitter<FolderContext | undefined>());
  readonly #shownNotices = new Set<string>();
  readonly #workspaceMemory: vscode.Memento;
  /** Folders for which this window already asked for trust. */
  readonly #trustAsked = new Set<string>();
  readonly #unlockReported = new WeakSet<FolderContext>();
  /** A folder was opened, closed or changed; `undefined` if it may be any of them. */
  readonly onDidChange = this.#changes.event;

  /** @param workspaceMemory remembers that the user chose to only view a folder. */
  constructor(support: FolderSupport, workspaceMemory: vscode.Memento) {
    this.#support = support;
    this.#workspaceMemory = workspaceMemory;
    this.#owned.track(
      vscode.workspace.onDidChangeWorkspaceFolders(({ removed }) => {
        for (const folder of removed) void this.#close(folder);
        this.#changes.fire(undefined);
      }),
    );
    // The next open() is read-write. Restricted settings now apply and may point to a different database.
    this.#owned.track(vscode.workspace.onDidGrantWorkspaceTrust(() => void this.followSettings()));
  }

  /**
   * Opens the folder's database and recovers the work of dead processes.
   * @param create creates the database if there is none, in a trusted workspace.
   * @returns null if there is no database.
   */
  async open(folder: vscode.WorkspaceFolder, create: boolean): Promise<FolderContext | null> {
    if (folder.uri.scheme !== 'file') return null;
    const known = this.#open.get(folder.uri.toString());
    if (known !== undefined) return this.#unlocked(await known);
    // Opening for writing finishes journaled writes to label files, which an untrusted database must not trigger.
    const { isTrusted } = vscode.workspace;
    if (!(create && isTrusted) && !existsSync(databaseIn(storageParent(folder)))) return null;
    const opened = await this.#openContext(folder, { browseOnly: !isTrusted, trust: false });
    if (opened.stranger !== null) this.#askTrust(opened.folder, opened.stranger);
    return opened;
  }

  /** The folders whose sessions came with them and are not trusted, in a trusted workspace. */
  async untrustedFolders(): Promise<
    readonly { readonly folder: vscode.WorkspaceFolder; readonly stranger: UntrustedFolder }[]
  > {
    const { findUntrustedFolder } = await import('./deferred.ts');
    const untrusted: { readonly folder: vscode.WorkspaceFolder; readonly stranger: UntrustedFolder }[] = [];
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      if (folder.uri.scheme !== 'file') continue;
      const opened = await this.open(folder, false).catch((error: unknown) => {
        const stranger = untrustedFolderOf(error);
        if (stranger === null) throw error;
        return { stranger };
      });
      const stranger = opened === null ? await findUntrustedFolder(storageParent(folder)) : opened.stranger;
      if (stranger !== null) untrusted.push({ folder, stranger });
    }
    return untrusted;
  }

  /** Opens the sessions that came with this folder for writing: the user trusts them. */
  async trust(folder: vscode.WorkspaceFolder): Promise<void> {
    const opened = await this.#open.get(folder.uri.toString())?.catch(() => null);
    if (opened == null) await this.#openContext(folder, { browseOnly: false, trust: true });
    else {
      await opened.unlock(true);
      await this.#showNotices(opened);
      this.#changes.fire(opened);
    }
  }

  /** All folders with sessions, opened. @throws the first failure if none can be opened. */
  async openAll(): Promise<readonly FolderContext[]> {
    const opened: FolderContext[] = [];
    const failures: unknown[] = [];
    for (const folder of vscode.workspace.workspaceFolders ?? []) {
      try {
        const context = await this.open(folder, false);
        if (context !== null) opened.push(context);
      } catch (error) {
        failures.push(error);
      }
    }
    // One broken database must not hide the sessions of the other folders.
    if (opened.length === 0 && failures.length > 0) throw failures[0];
    for (const failure of failures) this.#support.log.error(failure instanceof Error ? failure : String(failure));
    return opened;
  }

  /** Closes the databases that the settings no longer point to. */
  async followSettings(): Promise<void> {
    for (const opening of this.#open.values()) {
      const opened = await opening.catch(() => null);
      if (opened !== null && !opened.isCurrent) await this.#close(opened.folder);
    }
    this.#changes.fire(undefined);
  }

  /** Resolves when all databases are closed. */
  async close(): Promise<void> {
    this.#owned.dispose();
    const opened = [...this.#open.values()];
    this.#open.clear();
    await Promise.allSettled(opened.map(async (opening) => (await opening).close()));
  }

  dispose(): void {
    void this.close();
  }

  async #openContext(
    folder: vscode.WorkspaceFolder,
    access: { readonly browseOnly: boolean; readonly trust: boolean },
  ): Promise<FolderContext> {
    const key = folder.uri.toString();
    const opening = FolderContext.open(folder, this.#support, access);
    this.#open.set(key, opening);
    try {
      const opened = await opening;
      opened.onDidChange(() => this.#changes.fire(opened));
      await this.#showNotices(opened);
      this.#changes.fire(opened);
      return opened;
    } catch (error) {
      // A lock or a full disk may pass, so the next call tries again.
      this.#open.delete(key);
      throw error;
    }
  }

  /** Does not wait for the answer, which may take long or never come. */
  #askTrust(folder: vscode.WorkspaceFolder, stranger: UntrustedFolder): void {
    if (this.#trustAsked.has(stranger.folder)) return;
    this.#trustAsked.add(stranger.folder);
    void (async () => {
      if (await askTrust(stranger, this.#workspaceMemory)) await this.trust(folder);
    })().catch((error: unknown) => this.#support.log.error(`Trusting ${folder.name}: ${String(error)}`));
  }

  async #unlocked(opened: FolderContext): Promise<FolderContext> {
    if (!opened.browseOnly || !vscode.workspace.isTrusted || opened.stranger !== null || opened.isReadOnly)
      return opened;
    await opened.unlock();
    if (opened.stranger !== null) {
      this.#askTrust(opened.folder, opened.stranger);
      return opened;
    }
    if (!this.#unlockReported.has(opened)) {
      this.#unlockReported.add(opened);
      await this.#showNotices(opened);
    }
    return opened;
  }

  async #close(folder: vscode.WorkspaceFolder): Promise<void> {
    const key = folder.uri.toString();
    const opening = this.#open.get(key);
    this.#open.delete(key);
    await opening?.then((opened) => opened.close()).catch((error: unknown) => this.#support.log.error(String(error)));
  }

  /** Shows notices of the database and of the recovery, each once per window. */
  async #showNotices(opened: FolderContext): Promise<void> {
    const { notices } = await opened.ports.store.info();
    for (const notice of notices) {
      this.#support.log.warn(notice);
      if (this.#shownNotices.has(notice)) continue;
      this.#shownNotices.add(notice);
      void showWarning(notice);
    }
    if (opened.isReadOnly && !this.#shownNotices.has(opened.storage.fsPath)) {
      this.#shownNotices.add(opened.storage.fsPath);
      void showReadOnlyFolder(opened.folder, true);
    }
    const { completed, written, conflicts } = opened.recovery;
    if (completed + written > 0) {
      this.#support.log.info(`Completed ${completed + written} verdicts that an earlier process left unfinished.`);
    }
    if (conflicts === 0) return;
    void showWarning(
      vscode.l10n.t(
        '{0} label files were changed by another program while a verdict was being saved. They were not overwritten.',
        conflicts,
      ),
    );
  }
}
