import * as vscode from 'vscode';
import { toErrorReport } from '../../core/errors.ts';
import { visibleLine, visibleText } from '../../core/text/escapeText.ts';
import type { SessionStatusView } from '../../workflow/session/status.ts';
import type { HostContext } from '../context.ts';
import { commandIds, contextKeys, viewIds } from '../ids.ts';
import { debounce, Disposables } from '../lifecycle.ts';
import type { FolderContext } from '../workspace/folderContext.ts';
import { watchForDatasets } from './datasetWatch.ts';
import { sessionNode } from './treeModel.ts';
import type { TreeNode } from './treeNode.ts';

/** An item of the tree, and the argument of its menu commands. */
export interface TreeEntry {
  readonly folder: FolderContext | null;
  readonly node: TreeNode;
}

/** A session in the tree as VS Code knows it: the same object as long as the session is there. */
interface SessionEntry extends TreeEntry {
  node: TreeNode;
}

const refreshMs = 120;
/** Images are copied one by one. */
const lookForDatasetsMs = 700;

/** The sessions view: a tree of sessions, their iterations, models, metrics and samples. */
export class SessionTree implements vscode.TreeDataProvider<TreeEntry> {
  readonly #host: HostContext;
  readonly #owned = new Disposables();
  readonly #changes = this.#owned.track(new vscode.EventEmitter<TreeEntry[] | undefined>());
  /** The sessions of each folder, cached until something changes. */
  readonly #views = new Map<string, Promise<readonly SessionStatusView[]>>();
  /** The sessions that the tree shows, in their order. */
  #shown: readonly SessionEntry[] = [];
  /** Watches for datasets while there are none. */
  #datasets: Disposables | null = null;
  readonly onDidChangeTreeData = this.#changes.event;
  readonly view: vscode.TreeView<TreeEntry>;

  constructor(host: HostContext) {
    this.#host = host;
    const refresh = this.#owned.track(debounce(() => void this.#update(), refreshMs));
    this.#owned.track(
      host.folders.onDidChange((folder) => {
        if (folder === undefined) this.#views.clear();
        else this.#views.delete(folder.folder.uri.toString());
        refresh();
      }),
    );
    this.#owned.track(
      host.runner.onDidChange((activity) => {
        // Progress only changes texts, so the cached sessions stay valid until the iteration ends.
        if (activity === null) this.#views.clear();
        refresh();
      }),
    );
    this.#owned.track(host.takeover.onDidChange(refresh));
    this.#owned.track(host.viewRefresh.event(() => this.refresh()));
    this.#setState('loading');
    this.view = this.#owned.track(
      vscode.window.createTreeView(viewIds.sessions, { treeDataProvider: this, showCollapseAll: true }),
    );
  }

  /** Reads everything again, and searches again for a missing Python. */
  refresh(): void {
    this.#views.clear();
    this.#changes.fire(undefined);
    if (this.#host.environment.state === 'missing') void this.#host.environment.look();
  }

  /**
   * Has the sessions that changed drawn again. Only another list of sessions has the whole tree drawn: until VS Code has its
   * items again, it runs their commands without the item.
   */
  async #update(): Promise<void> {
    const shown = this.#shown;
    const changed: TreeEntry[] = [];
    try {
      const now = (await this.#read()).flatMap(({ entries }) => entries);
      if (now.length !== shown.length || now.length === 0) return this.#changes.fire(undefined);
      for (const [index, entry] of shown.entries()) {
        const { folder, node } = now[index] ?? entry;
        if (folder !== entry.folder || node.id !== entry.node.id) return this.#changes.fire(undefined);
        if (JSON.stringify(node) === JSON.stringify(entry.node)) continue;
        entry.node = node;
        changed.push(entry);
      }
      if (changed.length > 0) this.#changes.fire(changed);
    } catch {
      // Drawing the tree reports it.
      this.#changes.fire(undefined);
    }
  }

  async getChildren(entry?: TreeEntry): Promise<TreeEntry[]> {
    if (entry !== undefined) return this.#children(entry);
    try {
      return await this.#roots();
    } catch (error) {
      void vscode.commands.executeCommand('setContext', contextKeys.viewError, toErrorReport(error).code);
      this.#setState('error');
      void this.#host.errors.show(error, 'Listing the sessions');
      return [];
    }
  }

  getTreeItem({ folder, node }: TreeEntry): vscode.TreeItem {
    const item = new vscode.TreeItem(
      visibleLine(node.label),
      node.children.length === 0
        ? vscode.TreeItemCollapsibleState.None
        : node.expanded
          ? vscode.TreeItemCollapsibleState.Expanded
          : vscode.TreeItemCollapsibleState.Collapsed,
    );
    item.id = `${folder?.folder.uri.toString() ?? ''}#${node.id}`;
    item.description = visibleLine(node.description);
    item.tooltip = visibleText(node.tooltip);
    item.contextValue = node.context;
    item.accessibilityInformation = { label: node.spoken };
    item.iconPath = new vscode.ThemeIcon(
      node.icon,
      node.color === undefined ? undefined : new vscode.ThemeColor(node.color),
    );
    const command = openingCommand(node);
    if (command !== undefined) item.command = { ...command, arguments: [{ folder, node } satisfies TreeEntry] };
    return item;
  }

  dispose(): void {
    this.#stopWatching();
    this.#owned.dispose();
  }

  #children(entry: TreeEntry): TreeEntry[] {
    if (entry.node.kind === 'folder') return this.#shown.filter(({ folder }) => folder === entry.folder);
    return entry.node.children.map((node) => ({ folder: entry.folder, node }));
  }

  async #roots(): Promise<TreeEntry[]> {
    const filled = await this.#read();
    this.#shown = filled.flatMap(({ entries }) => entries);
    if (filled.length === 0) {
      await this.#explainEmptiness();
      return [];
    }
    this.#setState('sessions');
    if (filled.length === 1) return this.#shown.slice();
    return filled.map(({ folder, entries }) => ({ folder, node: folderNode(folder, entries) }));
  }

  /** The folders that have sessions. */
  async #read(): Promise<readonly { readonly folder: FolderContext; readonly entries: SessionEntry[] }[]> {
    const folders = await this.#host.folders.openAll();
    this.#sayWhoseTheyAre(folders);
    const all = [];
    for (const folder of folders) all.push({ folder, entries: await this.#sessions(folder) });
    return all.filter(({ entries }) => entries.length > 0);
  }

  /** Shows above the list that sessions came with the folder and are view-only. */
  #sayWhoseTheyAre(folders: readonly FolderContext[]): void {
    if (this.#owned.isDisposed) return;
    const strange = folders.some(({ stranger }) => stranger !== null);
    this.view.message = strange
      ? vscode.l10n.t('These sessions came with the folder. They are view-only until you trust them.')
      : '';
    void vscode.commands.executeCommand('setContext', contextKeys.untrustedFolder, strange);
  }

  async #sessions(folder: FolderContext): Promise<SessionEntry[]> {
    const key = folder.folder.uri.toString();
    let views = this.#views.get(key);
    if (views === undefined) {
      views = readViews(folder);
      this.#views.set(key, views);
      views.catch(() => this.#views.delete(key));
    }
    const activity = this.#host.runner.activityIn({ folder });
    const elsewhere = this.#host.takeover.isElsewhere(folder);
    return (await views).map((view) => {
      const running = activity?.ref.sessionId === view.session.id ? activity : null;
      return { folder, node: sessionNode(vscode.l10n, view, running, elsewhere) };
    });
  }

  /** Selects the welcome text. */
  async #explainEmptiness(): Promise<void> {
    if (!vscode.workspace.isTrusted || vscode.workspace.workspaceFolders === undefined) return;
    const { hasDataset } = await import('./deferred.ts');
    const found = await hasDataset().catch((error: unknown) => {
      // The user can still choose a dataset in another location.
      this.#host.log.warn(`Looking for datasets: ${String(error)}`);
      return false;
    });
    this.#setState(found ? 'no-session' : 'no-dataset');
    if (this.#host.environment.state === 'unknown') void this.#host.environment.look();
  }

  #watchForDatasets(): Disposables {
    const watching = new Disposables();
    watching.track(watchForDatasets(watching.track(debounce(() => this.#changes.fire(undefined), lookForDatasetsMs))));
    return watching;
  }

  #stopWatching(): void {
    this.#datasets?.dispose();
    this.#datasets = null;
  }

  #setState(state: 'loading' | 'no-dataset' | 'no-session' | 'sessions' | 'error'): void {
    // A search may end after the tree was disposed of.
    if (this.#owned.isDisposed) return;
    if (state === 'no-dataset') this.#datasets ??= this.#watchForDatasets();
    else this.#stopWatching();
    void vscode.commands.executeCommand('setContext', contextKeys.view, state);
  }
}

/** The sessions of a folder, newest first. */
async function readViews(folder: FolderContext): Promise<readonly SessionStatusView[]> {
  const sessions = await folder.ports.store.sessions.list();
  if (sessions.length === 0) return [];
  const { sessionStatus } = await import('./deferred.ts');
  const views: SessionStatusView[] = [];
  for (const { id } of sessions.toReversed()) views.push(await sessionStatus(folder.ports, id));
  return views;
}

function folderNode(folder: FolderContext, entries: readonly TreeEntry[]): TreeNode {
  const { name, uri } = folder.folder;
  return {
    kind: 'folder',
    id: 'folder',
    label: name,
    description: '',
    tooltip: uri.fsPath,
    icon: 'root-folder',
    context: 'folder;',
    spoken: name,
    expanded: true,
    children: entries.map(({ node }) => node),
  };
}

/** The command that a click on an item runs. */
function openingCommand(node: TreeNode): { readonly title: string; readonly command: string } | undefined {
  switch (node.kind) {
    case 'samples':
      return { title: vscode.l10n.t('Review Samples'), command: commandIds.reviewOpen };
    case 'metrics':
      return { title: vscode.l10n.t('Show Metrics'), command: commandIds.metricsOpen };
    default:
      return undefined;
  }
}
