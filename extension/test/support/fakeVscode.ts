// A VS Code without a window: it keeps what the extension registers, and writes down everything that a person would see.
// Whoever sits before it follows a script, and dismisses every question without one.
import { readdirSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, extname, join, relative, sep } from 'node:path';
import { english } from '../../src/host/text/localiser.ts';
import { backButton, browsed, FakeInput, pressed } from './fakeInput.ts';
import { CancellationTokenSource, Disposable, EventEmitter, Plain, RelativePattern, Uri } from './fakeTypes.ts';

/** Something that a person sees. */
export type Sight =
  | { readonly kind: 'message'; readonly severity: string; readonly text: string; readonly offers: readonly string[] }
  /** A question, a list, a dialog, an editor, a panel, a view, the log, or a command of VS Code itself. */
  | { readonly kind: 'shown'; readonly what: string };

/** What the test decides and reads. */
export const desk = {
  folder: null as string | null,
  trusted: true,
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
};

const commands = new Map<string, (...values: unknown[]) => unknown>();

function show(what: string): void {
  desk.seen.push({ kind: 'shown', what });
}

const never = (): Disposable => new Disposable();

interface Way {
  readonly title?: string;
  readonly command?: string;
  readonly modal?: boolean;
}

const nothing = (): void => {};

const atOnce = (listener: () => void): Disposable => {
  listener();
  return never();
};

function message(severity: string) {
  return async (text: string, ...items: readonly (string | Way)[]): Promise<string | Way | undefined> => {
    const ways = items.filter((item) => typeof item === 'string' || item.title !== undefined);
    const modal = items.some((item) => typeof item !== 'string' && item.modal === true);
    const offers = ways.map((way) => (typeof way === 'string' ? way : (way.command ?? way.title ?? '')));
    desk.seen.push({ kind: 'message', severity: modal ? 'modal' : severity, text, offers });
    return pressed(ways);
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
function showQuickPick<T extends { readonly label: string }>(
  items: readonly T[],
  { placeHolder }: { readonly placeHolder?: string } = {},
): Promise<T | undefined> {
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

function createWebviewPanel(viewType: string) {
  show(`panel ${viewType}`);
  return {
    viewType,
    title: '',
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
}

const workspaceFolder = (): { uri: Uri; name: string; index: number } | undefined =>
  desk.folder === null ? undefined : { uri: new Uri(desk.folder), name: basename(desk.folder), index: 0 };

/** Files of the folder, by the endings that the pattern names. */
function findFiles({ base, pattern }: RelativePattern): Uri[] {
  const endings = /\*\.\{?([\w,]+)\}?$/.exec(pattern)?.[1]?.split(',') ?? [];
  return readdirSync(base, { recursive: true, encoding: 'utf8' })
    .filter((name) => endings.includes(extname(name).slice(1)) && !name.includes('.active-learning'))
    .map((name) => new Uri(join(base, name)));
}

const configuration = (section: string) => ({
  get: (key: string) => desk.settings.get(`${section}.${key}`),
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
    createStatusBarItem: () => ({ show() {}, hide() {}, dispose() {} }),
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
      const folder = workspaceFolder();
      return folder === undefined ? undefined : [folder];
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
    getWorkspaceFolder: ({ fsPath }: Uri) => {
      const folder = workspaceFolder();
      return folder !== undefined && `${fsPath}${sep}`.startsWith(`${folder.uri.fsPath}${sep}`) ? folder : undefined;
    },
    asRelativePath: (place: Uri | string) => {
      const path = typeof place === 'string' ? place : place.fsPath;
      const inside = desk.folder === null ? '' : relative(desk.folder, path);
      return inside === '' || inside.startsWith('..') ? path : inside;
    },
    onDidChangeConfiguration: never,
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
      if (id !== 'setContext') show(`command ${id}`);
      return undefined;
    },
  },
  tasks: {
    taskExecutions: [],
    registerTaskProvider: never,
    onDidStartTaskProcess: never,
    onDidEndTaskProcess: never,
    onDidEndTask: never,
    executeTask: asked('task'),
  },
  languages: { createDiagnosticCollection: () => ({ get() {}, forEach() {}, set() {}, clear() {}, dispose() {} }) },
  extensions: { getExtension: () => undefined },
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
