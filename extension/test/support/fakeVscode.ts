// A VS Code without a window: it keeps what the extension registers, and writes down everything that a person would see.
// Whoever sits before it dismisses every question.
import { readdirSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { basename, extname, join, relative } from 'node:path';
import { pathToFileURL } from 'node:url';
import { english } from '../../src/host/text/localiser.ts';

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
};

const commands = new Map<string, (...values: unknown[]) => unknown>();

function show(what: string): void {
  desk.seen.push({ kind: 'shown', what });
}

class Disposable {
  readonly #action: () => void;
  constructor(action: () => void = () => {}) {
    this.#action = action;
  }
  dispose(): void {
    this.#action();
  }
  static from(...items: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => {
      for (const item of items) item.dispose();
    });
  }
}

class EventEmitter<T> {
  readonly #listeners = new Set<(value: T) => void>();
  readonly event = (listener: (value: T) => void): Disposable => {
    this.#listeners.add(listener);
    return new Disposable(() => this.#listeners.delete(listener));
  };
  fire(value: T): void {
    for (const listener of this.#listeners) listener(value);
  }
  dispose(): void {
    this.#listeners.clear();
  }
}

const never = (): Disposable => new Disposable();

class Uri {
  readonly scheme = 'file';
  readonly fsPath: string;
  constructor(path: string) {
    this.fsPath = path;
  }
  get path(): string {
    return this.fsPath;
  }
  toString(): string {
    return pathToFileURL(this.fsPath).href;
  }
  static file(path: string): Uri {
    return new Uri(path);
  }
  static joinPath(base: Uri, ...parts: string[]): Uri {
    return new Uri(join(base.fsPath, ...parts));
  }
}

interface Way {
  readonly title?: string;
  readonly command?: string;
  readonly modal?: boolean;
}

const nothing = (): void => {};

function message(severity: string) {
  return async (text: string, ...items: readonly (string | Way)[]): Promise<undefined> => {
    const ways = items.filter((item) => typeof item === 'string' || item.title !== undefined);
    const modal = items.some((item) => typeof item !== 'string' && item.modal === true);
    const offers = ways.map((way) => (typeof way === 'string' ? way : (way.command ?? way.title ?? '')));
    desk.seen.push({ kind: 'message', severity: modal ? 'modal' : severity, text, offers });
  };
}

/** A list or an input that is left with Escape as soon as it shows. */
function dismissed(what: string) {
  return () => {
    let hidden = nothing;
    return {
      items: [],
      activeItems: [],
      selectedItems: [],
      buttons: [],
      value: '',
      onDidAccept: never,
      onDidTriggerButton: never,
      onDidChangeValue: never,
      onDidHide: (listener: () => void) => {
        hidden = listener;
        return never();
      },
      show() {
        show(what);
        setImmediate(() => hidden());
      },
      hide() {},
      dispose() {},
    };
  };
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
  getChildren(): Promise<readonly unknown[]>;
}

function createTreeView(_id: string, { treeDataProvider }: { treeDataProvider: TreeProvider }) {
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

class RelativePattern {
  readonly base: string;
  readonly pattern: string;
  constructor(folder: { uri: Uri }, pattern: string) {
    this.base = folder.uri.fsPath;
    this.pattern = pattern;
  }
}

const configuration = (section: string) => ({
  get: (key: string) => desk.settings.get(`${section}.${key}`),
  inspect: () => undefined,
  update: async () => {},
});

class Plain {
  readonly values: readonly unknown[];
  constructor(...values: readonly unknown[]) {
    this.values = values;
  }
}

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
    createQuickPick: dismissed('list'),
    createInputBox: dismissed('input'),
    registerWebviewPanelSerializer: never,
    onDidChangeWindowState: never,
    showInformationMessage: message('info'),
    showWarningMessage: message('warning'),
    showErrorMessage: message('error'),
    showQuickPick: asked('list'),
    showInputBox: asked('input'),
    showOpenDialog: asked('open dialog'),
    showSaveDialog: asked('save dialog'),
    showWorkspaceFolderPick: asked('list'),
    showTextDocument: asked('document'),
    withProgress: async (_options: unknown, work: (progress: unknown, token: unknown) => unknown) =>
      work({ report() {} }, { isCancellationRequested: false, onCancellationRequested: never }),
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
    findFiles: async (pattern: RelativePattern) => findFiles(pattern),
    getConfiguration: configuration,
    getWorkspaceFolder: workspaceFolder,
    asRelativePath: (place: Uri | string) => {
      const path = typeof place === 'string' ? place : place.fsPath;
      return desk.folder === null ? path : relative(desk.folder, path);
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
  env: { language: 'en', remoteName: undefined, clipboard: { writeText: async () => {} } },
  l10n: english,
  Disposable,
  EventEmitter,
  Uri,
  RelativePattern,
  TreeItem: Plain,
  ThemeIcon: Plain,
  ThemeColor: Plain,
  Range: Plain,
  Diagnostic: Plain,
  ProcessExecution: Plain,
  Task: Plain,
  TabInputWebview: Plain,
  QuickInputButtons: { Back: {} },
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
