import * as vscode from 'vscode';
import type { Folders, OpenFolder } from '../../services.ts';
import type { PanelKind } from './panelPage.ts';
import { identityFrom, identityKey, type PanelIdentity } from './panelIdentity.ts';
import { messageHtml } from './webviewHtml.ts';

/** An open panel as the shelf knows it. */
export interface ShelvedPanel {
  readonly panel: vscode.WebviewPanel;
  /** Reads everything again and tells the page what changed. */
  refresh(): Promise<void>;
}

export interface ShelfOptions<Shelved extends ShelvedPanel> {
  readonly kind: PanelKind;
  /** Is true while a panel of this shelf is the active editor. */
  readonly contextKey?: string;
  readonly folders: Folders;
  readonly log: vscode.LogOutputChannel;
  /** Fills a panel. @throws when what it should show is gone. */
  readonly fill: (panel: vscode.WebviewPanel, folder: OpenFolder, identity: PanelIdentity) => Promise<Shelved>;
}

/** The panels of one kind: one for each subject, opened by commands, restored after a reload, gone with their folder. */
export class PanelShelf<Shelved extends ShelvedPanel> implements vscode.Disposable {
  readonly #options: ShelfOptions<Shelved>;
  readonly #open = new Map<string, Promise<Shelved>>();
  readonly #ready = new Map<string, Shelved>();
  readonly #subscriptions: vscode.Disposable[];
  /** Looks again for what could not be restored, when folders come or are trusted. */
  readonly #waiting = new Map<vscode.WebviewPanel, PanelIdentity>();

  constructor(options: ShelfOptions<Shelved>) {
    this.#options = options;
    this.#subscriptions = [
      vscode.window.registerWebviewPanelSerializer(options.kind.viewType, {
        deserializeWebviewPanel: async (panel, state) => this.#restore(panel, identityFrom(state)),
      }),
      options.folders.onDidChange((folder) => this.#onFolders(folder)),
    ];
  }

  /** The panel in front, if it is of this kind. */
  get active(): Shelved | null {
    return [...this.#ready.values()].find(({ panel }) => panel.active) ?? null;
  }

  /** Shows the panel of that subject, made if there is none. */
  async show(folder: OpenFolder, identity: PanelIdentity): Promise<Shelved> {
    const known = this.#open.get(identityKey(identity));
    if (known) {
      const shelved = await known;
      shelved.panel.reveal();
      return shelved;
    }
    const { viewType } = this.#options.kind;
    const before = tabsOf(viewType);
    const panel = vscode.window.createWebviewPanel(viewType, '', vscode.ViewColumn.Active, { enableScripts: true });
    const shelved = await this.#put(panel, folder, identity);
    await this.#closeLost(before, panel.title);
    return shelved;
  }

  /**
   * Closes the panel that showed the same before VS Code started its extensions anew: it stays open, but nothing can
   * reach it any more. Tabs tell their title alone, so nothing is closed where another living panel has the same one.
   */
  async #closeLost(tabs: readonly vscode.Tab[], title: string): Promise<void> {
    const living = [...this.#ready.values()].filter(({ panel }) => panel.title === title);
    const lost = tabs.filter(({ label }) => label === title);
    if (living.length !== 1 || lost.length === 0) return;
    await vscode.window.tabGroups.close(lost, true).then(undefined, (error: unknown) => {
      this.#options.log.debug(`A lost panel was closed meanwhile: ${String(error)}`);
    });
  }

  dispose(): void {
    vscode.Disposable.from(...this.#subscriptions).dispose();
  }

  async #put(panel: vscode.WebviewPanel, folder: OpenFolder, identity: PanelIdentity): Promise<Shelved> {
    const key = identityKey(identity);
    let closed = false;
    panel.onDidDispose(() => {
      closed = true;
      this.#open.delete(key);
      this.#ready.delete(key);
      this.#tellActive();
    });
    panel.onDidChangeViewState(() => this.#tellActive());
    const filling = this.#options.fill(panel, folder, identity);
    this.#open.set(key, filling);
    try {
      const shelved = await filling;
      if (!closed) this.#ready.set(key, shelved);
      this.#tellActive();
      return shelved;
    } catch (error) {
      panel.dispose();
      throw error;
    }
  }

  /** Of all panels, since one in the background may close or change while another is in front. */
  #tellActive(): void {
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
      const open = folder === undefined ? null : await folders.open(folder, false);
      if (open !== null) {
        this.#waiting.delete(panel);
        await this.#put(panel, open, identity);
        return;
      }
    } catch (error) {
      // The session may have been deleted by another window.
      log.warn(`A panel could not be restored: ${error instanceof Error ? error.message : String(error)}`);
      this.#waiting.delete(panel);
      panel.dispose();
      return;
    }
    if (this.#waiting.has(panel)) return;
    this.#waiting.set(panel, identity);
    panel.onDidDispose(() => this.#waiting.delete(panel));
    const message = vscode.l10n.t('This panel comes back when its folder is open and trusted.');
    panel.webview.html = messageHtml(message, vscode.env.language);
  }

  #onFolders(folder: OpenFolder | undefined): void {
    const present = new Set(vscode.workspace.workspaceFolders?.map(({ uri }) => uri.toString()));
    for (const [key, shelved] of this.#ready) {
      const uri = key.split('\n', 1)[0] ?? '';
      if (!present.has(uri)) shelved.panel.dispose();
      else if (folder === undefined || folder.folder.uri.toString() === uri) this.#refresh(shelved);
    }
    for (const [panel, identity] of this.#waiting) void this.#restore(panel, identity);
  }

  /** A hidden panel catches up when it is shown. */
  #refresh(shelved: Shelved): void {
    if (shelved.panel.visible) void refreshOrClose(shelved, this.#options.log);
  }
}

function tabsOf(viewType: string): vscode.Tab[] {
  // VS Code puts a prefix of its own before the type.
  return vscode.window.tabGroups.all
    .flatMap(({ tabs }) => tabs)
    .filter(({ input }) => input instanceof vscode.TabInputWebview && input.viewType.endsWith(`-${viewType}`));
}

/** Brings a panel up to date; one whose session is gone closes. */
export async function refreshOrClose(shelved: ShelvedPanel, log: vscode.LogOutputChannel): Promise<void> {
  try {
    await shelved.refresh();
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'not-found') shelved.panel.dispose();
    // While the window closes, the database may be gone before the panels.
    else if (code !== 'store-closed') log.error(error instanceof Error ? error : String(error));
  }
}
