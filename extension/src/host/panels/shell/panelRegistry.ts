import * as vscode from 'vscode';
import type { FolderContext } from '../../workspace/folderContext.ts';
import type { FolderRegistry } from '../../workspace/folderRegistry.ts';
import { identityFrom, identityKey, type PanelIdentity } from './panelIdentity.ts';
import type { PanelKind } from './panelPage.ts';
import { messageHtml } from './webviewHtml.ts';

/** An open panel as the registry knows it. */
export interface ManagedPanel {
  readonly panel: vscode.WebviewPanel;
  /** Reads everything again and sends changes to the page. */
  refresh(): Promise<void>;
}

export interface PanelRegistryOptions<Managed extends ManagedPanel> {
  readonly kind: PanelKind;
  /** Set to true while a panel of this kind is the active editor. */
  readonly contextKey?: string;
  readonly folders: Pick<FolderRegistry, 'open' | 'onDidChange'>;
  readonly log: vscode.LogOutputChannel;
  /** Creates the page of a panel. @throws if what it shows no longer exists. */
  readonly create: (panel: vscode.WebviewPanel, folder: FolderContext, identity: PanelIdentity) => Promise<Managed>;
}

/** The panels of one kind: one per identity, opened by commands, restored after a reload, closed with their folder. */
export class PanelRegistry<Managed extends ManagedPanel> implements vscode.Disposable {
  readonly #options: PanelRegistryOptions<Managed>;
  readonly #open = new Map<string, Promise<Managed>>();
  readonly #ready = new Map<string, Managed>();
  readonly #subscriptions: vscode.Disposable[];
  /** Panels that could not be restored yet; tried again when folders are added or trusted. */
  readonly #waiting = new Map<vscode.WebviewPanel, PanelIdentity>();

  constructor(options: PanelRegistryOptions<Managed>) {
    this.#options = options;
    this.#subscriptions = [
      vscode.window.registerWebviewPanelSerializer(options.kind.viewType, {
        deserializeWebviewPanel: async (panel, state) => this.#restore(panel, identityFrom(state)),
      }),
      options.folders.onDidChange((folder) => this.#onFolderChange(folder)),
    ];
  }

  /** The active editor if it is a panel of this kind. */
  get active(): Managed | null {
    return [...this.#ready.values()].find(({ panel }) => panel.active) ?? null;
  }

  /** Shows the panel with that identity; creates it if there is none. */
  async show(folder: FolderContext, identity: PanelIdentity): Promise<Managed> {
    const known = this.#open.get(identityKey(identity));
    if (known) {
      const managed = await known;
      managed.panel.reveal();
      return managed;
    }
    const { viewType } = this.#options.kind;
    const before = tabsOf(viewType);
    const panel = vscode.window.createWebviewPanel(viewType, '', vscode.ViewColumn.Active, { enableScripts: true });
    const managed = await this.#add(panel, folder, identity);
    await this.#closeOrphans(before, panel.title);
    return managed;
  }

  /**
   * Closes the panel that showed the same before VS Code restarted its extension host: it stays open, but nothing can reach
   * it. A tab exposes only its title, so nothing is closed if another live panel has the same title.
   */
  async #closeOrphans(tabs: readonly vscode.Tab[], title: string): Promise<void> {
    const live = [...this.#ready.values()].filter(({ panel }) => panel.title === title);
    const orphans = tabs.filter(({ label }) => label === title);
    if (live.length !== 1 || orphans.length === 0) return;
    await vscode.window.tabGroups.close(orphans, true).then(undefined, (error: unknown) => {
      this.#options.log.debug(`An orphaned panel was already closed: ${String(error)}`);
    });
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  async #add(panel: vscode.WebviewPanel, folder: FolderContext, identity: PanelIdentity): Promise<Managed> {
    const key = identityKey(identity);
    let closed = false;
    panel.onDidDispose(() => {
      closed = true;
      this.#open.delete(key);
      this.#ready.delete(key);
      this.#updateContextKey();
    });
    panel.onDidChangeViewState(() => this.#updateContextKey());
    const creating = this.#options.create(panel, folder, identity);
    this.#open.set(key, creating);
    try {
      const managed = await creating;
      if (!closed) this.#ready.set(key, managed);
      this.#updateContextKey();
      return managed;
    } catch (error) {
      panel.dispose();
      throw error;
    }
  }

  /** Considers all panels: one in the background may close or change while another is active. */
  #updateContextKey(): void {
    const { contextKey } = this.#options;
    if (contextKey !== undefined) {
      void vscode.commands.executeCommand('setContext', contextKey, this.active !== null);
    }
  }

  async #restore(panel: vscode.WebviewPanel, identity: PanelIdentity | null): Promise<void> {
    if (identity === null || this.#open.has(identityKey(identity))) {
      panel.dispose();
      return;
    }
    const { log, folders } = this.#options;
    const folder = vscode.workspace.workspaceFolders?.find(({ uri }) => uri.toString() === identity.folder);
    try {
      const opened = folder === undefined ? null : await folders.open(folder, false);
      if (opened !== null) {
        this.#waiting.delete(panel);
        await this.#add(panel, opened, identity);
        return;
      }
    } catch (error) {
      // Another window may have deleted the session.
      log.warn(`A panel could not be restored: ${error instanceof Error ? error.message : String(error)}`);
      this.#waiting.delete(panel);
      panel.dispose();
      return;
    }
    if (this.#waiting.has(panel)) return;
    this.#waiting.set(panel, identity);
    panel.onDidDispose(() => this.#waiting.delete(panel));
    const message = vscode.l10n.t('This panel is restored when its folder is open and trusted.');
    panel.webview.html = messageHtml(message, vscode.env.language);
  }

  #onFolderChange(folder: FolderContext | undefined): void {
    const present = new Set(vscode.workspace.workspaceFolders?.map(({ uri }) => uri.toString()));
    for (const [key, managed] of this.#ready) {
      const uri = key.split('\n', 1)[0] ?? '';
      if (!present.has(uri)) managed.panel.dispose();
      // A hidden panel refreshes when it becomes visible.
      else if (managed.panel.visible && (folder === undefined || folder.folder.uri.toString() === uri)) {
        void refreshOrClose(managed, this.#options.log);
      }
    }
    for (const [panel, identity] of this.#waiting) void this.#restore(panel, identity);
  }
}

function tabsOf(viewType: string): vscode.Tab[] {
  // VS Code adds a prefix to the view type.
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(`-${viewType}`));
}

/** Refreshes a panel, or closes it if its session no longer exists. */
export async function refreshOrClose(managed: ManagedPanel, log: vscode.LogOutputChannel): Promise<void> {
  try {
    await managed.refresh();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'not-found') managed.panel.dispose();
    // When the window closes, the database may be closed before the panels.
    else if (code !== 'store-closed') log.error(error instanceof Error ? error : String(error));
  }
}
