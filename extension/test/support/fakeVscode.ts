// A VS Code without a window: it keeps what the extension registers, and writes down everything that a person would see.
// Whoever sits before it follows a script or what `desk.choose` says, and dismisses every other question.
import { readdirSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, extname, join, relative, sep } from 'node:path';
import { english } from '../../src/host/text/localiser.ts';
import { backButton, browsed, FakeInput, pressed } from './fakeInput.ts';
import { CancellationTokenSource, Disposable, EventEmitter, Plain, RelativePattern, Uri } from './fakeTypes.ts';

/** Something that a person sees. */
export type Sight =
  | {
      readonly kind: 'message';
      readonly severity: string;
      readonly text: string;
      /** The small print of a dialog. */
      readonly detail: string;
      readonly offers: readonly string[];
    }
  /** A question, a list, a dialog, an editor, a panel, a view, the log, or a command of VS Code itself. */
  | { readonly kind: 'shown'; readonly what: string };

/** What the test decides and reads. */
export const desk = {
  folder: null as string | null,
  trusted: true,
  /** Further folders of the workspace. */
  others: [] as string[],
  settings: new Map<string, unknown>(),
  seen: [] as Sight[],
  /** The kind of remote that the window is connected to. */
  remoteName: undefined as string | undefined,
  clipboard: '',
  /** Whoever sees progress stops it at once. */
  impatient: false,
  tree: null as TreeProvider | null,
  /** Resolves before a search for files ends. */
  search: Promise.resolve() as Promise<unknown>,
  /** What the person chooses of a list or of the buttons below a message, by its label; undefined leaves it. */
  choose: (_text: string, _labels: readonly string[]): string | undefined => undefined,
  /** The items of the lists that were shown. */
  lists: [] as (readonly Item[])[],
  /** The panels that were opened. */
  panels: [] as { readonly title: string }[],
  /** Context keys that the extension has set. */
  contexts: new Map<string, unknown>(),
  status: null as StatusBar | null,
  /** Extensions that are installed beside ours: what they export. */
  extensions: new Map<string, unknown>(),
};

/** The item in the status bar, as it was shown last; null where it is hidden. */
interface StatusBar {
  readonly text: string;
  readonly command: { readonly command: string; readonly arguments?: readonly unknown[] };
}

interface Item {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
}

/** A click on the item in the status bar. */
export async function clickStatus(): Promise<void> {
  const { command } = desk.status ?? {};
  if (command === undefined) throw new Error('Nothing is in the status bar.');
  await fakeVscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
}

/** Changes a setting as a person does. */
export function changeSetting(name: string, value: unknown): void {
  desk.settings.set(name, value);
  settingsNews.fire({ affectsConfiguration: (part) => name === part || name.startsWith(`${part}.`) });
}

/** A file or folder appears in the workspace. */
export function createFile(path: string): void {
  filesNews.fire(new Uri(path));
}

const commands = new Map<string, (...values: unknown[]) => unknown>();

function show(what: string): void {
  desk.seen.push({ kind: 'shown', what });
}

const never = (): Disposable => new Disposable();

const settingsNews = new EventEmitter<{ affectsConfiguration(name: string): boolean }>();
const filesNews = new EventEmitter<Uri>();

interface Way {
  readonly title?: string;
  readonly command?: string;
  readonly modal?: boolean;
  readonly detail?: string;
}

const nothing = (): void => {};

const atOnce = (listener: () => void): Disposable => {
  listener();
  return never();
};

function message(severity: string) {
  return async (text: string, ...items: readonly (string | Way)[]): Promise<string | Way | undefined> => {
    const ways = items.filter((item) => typeof item === 'string' || item.title !== undefined);
    const options = items.filter((item) => typeof item !== 'string' && item.modal === true);
    const detail = options.map((item) => (typeof item === 'string' ? '' : (item.detail ?? ''))).join('');
    const offers = ways.map((way) => (typeof way === 'string' ? way : (way.command ?? way.title ?? '')));
    desk.seen.push({ kind: 'message', severity: options.length > 0 ? 'modal' : severity, text, detail, offers });
    const titles = ways.map((way) => (typeof way === 'string' ? way : (way.title ?? '')));
    return pressed(ways) ?? ways[titles.indexOf(desk.choose(text, titles) ?? '')];
  };
}

function input(kind: 'list' | 'input') {
  return () => new FakeInput(kind, () => show(kind));
}

interface BoxOptions {
  readonly title?: string;
  readonly value?: string;
  readonly prompt?: string;
  readonly validateInput?: (typed: string) => string | null;
}

/** An input box that validates, and answers with its text. */
function showInputBox({ title, value = '', prompt, validateInput }: BoxOptions): Promise<string | undefined> {
  const box = new FakeInput('input', () => show('input'));
  box.title = title;
  box.value = value;
  box.prompt = prompt;
  const check = (): boolean => {
    box.validationMessage = validateInput?.(box.value) ?? undefined;
    return box.validationMessage === undefined;
  };
  return new Promise((resolve) => {
    box.onDidChangeValue(check);
    box.onDidAccept(() => {
      if (!check()) return;
      resolve(box.value);
      box.hide();
    });
    box.onDidHide(() => resolve(undefined));
    box.show();
  });
}

/** A list that answers with the chosen row. */
async function showQuickPick<T extends Item>(
  items: readonly T[],
  { title, placeHolder }: { readonly title?: string; readonly placeHolder?: string } = {},
): Promise<T | undefined> {
  desk.lists.push(items);
  const labels = items.map(({ label }) => label);
  const chosen = desk.choose(title ?? placeHolder ?? '', labels);
  if (chosen !== undefined) {
    show('list');
    return items[labels.indexOf(chosen)];
  }
  const list = new FakeInput('list', () => show('list'));
  list.items = items;
  list.placeholder = placeHolder;
  return new Promise((resolve) => {
    list.onDidAccept(() => {
      resolve(list.selectedItems[0] as T | undefined);
      list.hide();
    });
    list.onDidHide(() => resolve(undefined));
    list.show();
  });
}

function asked(what: string) {
  return async (): Promise<void> => show(what);
}

function createStatusBarItem() {
  const item = { text: '', command: { command: '' }, hide: () => void (desk.status = null), dispose: nothing };
  return Object.assign(item, { show: () => void (desk.status = { text: item.text, command: item.command }) });
}

function outputChannel() {
  const levels = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
  return { ...levels, show: () => show('log'), dispose: nothing };
}

interface TreeProvider {
  readonly onDidChangeTreeData: (listener: () => void) => Disposable;
  getChildren(entry?: unknown): Promise<readonly unknown[]>;
}

function createTreeView(_id: string, { treeDataProvider }: { treeDataProvider: TreeProvider }) {
  desk.tree = treeDataProvider;
  const read = (): void => void treeDataProvider.getChildren();
  setImmediate(read);
  const subscription = treeDataProvider.onDidChangeTreeData(() => {
    show('tree');
    read();
  });
  return { visible: true, dispose: () => subscription.dispose() };
}

function createWebviewPanel(viewType: string, title: string) {
  show(`panel ${viewType}`);
  const panel = {
    viewType,
    title,
    active: true,
    visible: true,
    webview: {
      html: '',
      options: {},
      cspSource: 'fake:',
      asWebviewUri: (uri: Uri) => uri,
      postMessage: async () => true,
      onDidReceiveMessage: never,
    },
    onDidDispose: never,
    onDidChangeViewState: never,
    reveal: () => show(`panel ${viewType}`),
    dispose() {},
  };
  desk.panels.push(panel);
  return panel;
}

const workspaceFolders = (): readonly { uri: Uri; name: string; index: number }[] =>
  (desk.folder === null ? [] : [desk.folder, ...desk.others]).map((path, index) => ({
    uri: new Uri(path),
    name: basename(path),
    index,
  }));

/** Files of the folder, by the endings that the pattern names. */
function findFiles({ base, pattern }: RelativePattern): Uri[] {
  const endings = /\*\.\{?([\w,]+)\}?$/.exec(pattern)?.[1]?.split(',') ?? [];
  return readdirSync(base, { recursive: true, encoding: 'utf8' })
    .filter((name) => endings.includes(extname(name).slice(1)) && !name.includes('.active-learning'))
    .map((name) => new Uri(join(base, name)));
}

/** A setting of one folder has its path in front of its name. */
const configuration = (section: string, scope?: { uri: Uri }) => ({
  get: (key: string) => {
    const name = `${section}.${key}`;
    return desk.settings.get(`${scope?.uri.fsPath ?? ''} ${name}`) ?? desk.settings.get(name);
  },
  inspect: () => undefined,
  update: async () => {},
});

/** The API, as far as the extension uses it. */
export const fakeVscode = {
  window: {
    state: { focused: true, active: true },
    terminals: [],
    tabGroups: { all: [], onDidChangeTabs: never, close: async () => true },
    createOutputChannel: outputChannel,
    createStatusBarItem,
    createTreeView,
    createWebviewPanel,
    createQuickPick: input('list'),
    createInputBox: input('input'),
    registerWebviewPanelSerializer: never,
    onDidChangeWindowState: never,
    showInformationMessage: message('info'),
    showWarningMessage: message('warning'),
    showErrorMessage: message('error'),
    showQuickPick,
    showInputBox,
    showOpenDialog: async (options?: { title?: string }) => {
      show('open dialog');
      return browsed('open', options)?.map((path) => new Uri(path));
    },
    showSaveDialog: async (options?: { title?: string; saveLabel?: string }) => {
      show('save dialog');
      return browsed('save', options)?.map((path) => new Uri(path))[0];
    },
    showWorkspaceFolderPick: asked('list'),
    showTextDocument: asked('document'),
    withProgress: async (_options: unknown, work: (progress: unknown, token: unknown) => unknown) =>
      work(
        { report() {} },
        { isCancellationRequested: false, onCancellationRequested: desk.impatient ? atOnce : never },
      ),
  },
  workspace: {
    get isTrusted() {
      return desk.trusted;
    },
    get workspaceFolders() {
      const folders = workspaceFolders();
      return folders.length === 0 ? undefined : folders;
    },
    workspaceFile: undefined,
    fs: {
      stat: (uri: Uri) => stat(uri.fsPath),
      readFile: (uri: Uri) => readFile(uri.fsPath),
    },
    findFiles: async (pattern: RelativePattern, _left: unknown, most = Number.POSITIVE_INFINITY) => {
      await desk.search;
      return findFiles(pattern).slice(0, most);
    },
    getConfiguration: configuration,
    getWorkspaceFolder: ({ fsPath }: Uri) =>
      workspaceFolders().find(({ uri }) => `${fsPath}${sep}`.startsWith(`${uri.fsPath}${sep}`)),
    createFileSystemWatcher: () => ({ onDidCreate: filesNews.event, onDidChange: never, dispose: nothing }),
    asRelativePath: (place: Uri | string) => {
      const path = typeof place === 'string' ? place : place.fsPath;
      const inside = desk.folder === null ? '' : relative(desk.folder, path);
      return inside === '' || inside.startsWith('..') ? path : inside;
    },
    onDidChangeConfiguration: settingsNews.event,
    onDidChangeWorkspaceFolders: never,
    onDidGrantWorkspaceTrust: never,
  },
  commands: {
    registerCommand: (id: string, handler: (...values: unknown[]) => unknown) => {
      commands.set(id, handler);
      return new Disposable(() => commands.delete(id));
    },
    executeCommand: async (id: string, ...values: unknown[]): Promise<unknown> => {
      const handler = commands.get(id);
      if (handler !== undefined) return handler(...values);
      if (id === 'setContext') desk.contexts.set(String(values[0]), values[1]);
      else show(`command ${id}`);
      return undefined;
    },
  },
  tasks: {
    taskExecutions: [] as unknown[],
    registerTaskProvider: never,
    onDidStartTaskProcess: never,
    onDidEndTaskProcess: never,
    onDidEndTask: never,
    executeTask: asked('task'),
  },
  languages: { createDiagnosticCollection: () => ({ get() {}, forEach() {}, set() {}, clear() {}, dispose() {} }) },
  extensions: {
    getExtension: (id: string) =>
      desk.extensions.has(id) ? { isActive: true, exports: desk.extensions.get(id) } : undefined,
  },
  env: {
    language: 'en',
    get remoteName() {
      return desk.remoteName;
    },
    clipboard: { writeText: async (text: string) => void (desk.clipboard = text) },
  },
  l10n: english,
  Disposable,
  EventEmitter,
  Uri,
  RelativePattern,
  CancellationTokenSource,
  TreeItem: Plain,
  ThemeIcon: Plain,
  ThemeColor: Plain,
  Range: Plain,
  Diagnostic: Plain,
  ProcessExecution: Plain,
  Task: Plain,
  TabInputWebview: Plain,
  QuickInputButtons: { Back: backButton },
  QuickPickItemKind: { Separator: -1, Default: 0 },
  StatusBarAlignment: { Left: 1, Right: 2 },
  TreeItemCollapsibleState: { None: 0, Collapsed: 1, Expanded: 2 },
  ProgressLocation: { SourceControl: 1, Window: 10, Notification: 15 },
  DiagnosticSeverity: { Error: 0, Warning: 1, Information: 2, Hint: 3 },
  ConfigurationTarget: { Global: 1, Workspace: 2, WorkspaceFolder: 3 },
  ViewColumn: { Active: -1, Beside: -2, One: 1 },
  TaskScope: { Global: 1, Workspace: 2 },
  TaskPanelKind: { Shared: 1, Dedicated: 2, New: 3 },
  TaskRevealKind: { Always: 1, Silent: 2, Never: 3 },
};

function memento() {
  const values = new Map<string, unknown>();
  return {
    keys: () => [...values.keys()],
    get: (key: string, fallback?: unknown) => values.get(key) ?? fallback,
    update: async (key: string, value: unknown) => void values.set(key, value),
  };
}

/** What VS Code hands to `activate`. */
export function fakeContext(extensionFolder: string, storage: string) {
  return {
    subscriptions: [] as { dispose(): unknown }[],
    extension: { id: 'active-learning-yolo.active-learning-yolo' },
    extensionUri: new Uri(extensionFolder),
    globalStorageUri: new Uri(storage),
    globalState: memento(),
    workspaceState: memento(),
    asAbsolutePath: (path: string) => join(extensionFolder, path),
  };
}

/** The ids of the commands that are registered. */
export function registeredCommands(): readonly string[] {
  return [...commands.keys()];
}
