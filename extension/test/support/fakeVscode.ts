// A VS Code without a window: it keeps what the extension registers, and writes down everything that a person would see.
// Whoever sits before it follows a script or what `editorState.choose` says, and dismisses every other question.
import { readdirSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { extname, join, relative, sep } from 'node:path';
import { english } from '../../src/host/text/localiser.ts';
import { editorState, filesNews, foldersNews, never, settingsNews, show, workspaceFolders } from './editorState.ts';
import { backButton, browsed } from './fakeInput.ts';
import { CancellationTokenSource, Disposable, EventEmitter, Plain, RelativePattern, Uri } from './fakeTypes.ts';
import {
  createStatusBarItem,
  createTreeView,
  createWebviewPanel,
  input,
  message,
  nothing,
  outputChannel,
  showInputBox,
  showQuickPick,
} from './fakeWindowParts.ts';

/** A click on the item in the status bar. */
export async function clickStatus(): Promise<void> {
  const { command } = editorState.status ?? {};
  if (command === undefined) throw new Error('Nothing is in the status bar.');
  await fakeVscode.commands.executeCommand(command.command, ...(command.arguments ?? []));
}

const commands = new Map<string, (...values: unknown[]) => unknown>();

const atOnce = (listener: () => void): Disposable => {
  listener();
  return never();
};

function asked(what: string) {
  return async (): Promise<void> => show(what);
}

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
    return editorState.settings.get(`${scope?.uri.fsPath ?? ''} ${name}`) ?? editorState.settings.get(name);
  },
  inspect: () => undefined,
  update: async () => {},
});

/** The API, as far as the extension uses it. */
export const fakeVscode = {
  window: {
    state: { focused: true, active: true },
    terminals: [],
    tabGroups: { all: [], activeTabGroup: { activeTab: undefined }, onDidChangeTabs: never, close: async () => true },
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
        { isCancellationRequested: false, onCancellationRequested: editorState.cancelsProgress ? atOnce : never },
      ),
  },
  workspace: {
    get isTrusted() {
      return editorState.trusted;
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
      await editorState.search;
      return findFiles(pattern).slice(0, most);
    },
    getConfiguration: configuration,
    getWorkspaceFolder: ({ fsPath }: Uri) =>
      workspaceFolders().find(({ uri }) => `${fsPath}${sep}`.startsWith(`${uri.fsPath}${sep}`)),
    registerTextDocumentContentProvider: (
      scheme: string,
      provider: { provideTextDocumentContent(uri: Uri): Promise<string> },
    ) => {
      editorState.documents.set(scheme, provider);
      return never();
    },
    openTextDocument: async (uri: Uri) => {
      const text = await editorState.documents.get(uri.scheme)?.provideTextDocumentContent(uri);
      editorState.opened.push({ title: uri.path, text: text ?? '' });
      return uri;
    },
    createFileSystemWatcher: () => ({ onDidCreate: filesNews.event, onDidChange: never, dispose: nothing }),
    asRelativePath: (place: Uri | string) => {
      const path = typeof place === 'string' ? place : place.fsPath;
      const inside = editorState.folder === null ? '' : relative(editorState.folder, path);
      return inside === '' || inside.startsWith('..') ? path : inside;
    },
    onDidChangeConfiguration: settingsNews.event,
    onDidChangeWorkspaceFolders: foldersNews.event,
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
      if (id === 'setContext') editorState.contexts.set(String(values[0]), values[1]);
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
      editorState.extensions.has(id) ? { isActive: true, exports: editorState.extensions.get(id) } : undefined,
  },
  env: {
    language: 'en',
    get remoteName() {
      return editorState.remoteName;
    },
    clipboard: { writeText: async (text: string) => void (editorState.clipboard = text) },
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
  TabInputCustom: Plain,
  TabInputText: Plain,
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
