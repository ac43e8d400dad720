// The part of VS Code's API that an activation asks for, without an editor behind it. What is not here fails by name,
// so that the benchmark says when activation begins to ask for more.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

const disposable = (): object => ({ dispose() {} });
const event = (): (() => object) => disposable;

class Disposable {
  readonly dispose: () => void;
  constructor(action: () => void) {
    this.dispose = action;
  }
  static from(...items: readonly { dispose(): void }[]): Disposable {
    return new Disposable(() => items.forEach((item) => item.dispose()));
  }
}

class EventEmitter {
  readonly listeners = new Set<(value: unknown) => void>();
  readonly event = (listener: (value: unknown) => void): Disposable => {
    this.listeners.add(listener);
    return new Disposable(() => this.listeners.delete(listener));
  };
  fire(value: unknown): void {
    for (const listener of this.listeners) listener(value);
  }
  dispose(): void {
    this.listeners.clear();
  }
}

function log(): object {
  const lines = Object.fromEntries(
    ['trace', 'debug', 'info', 'warn', 'error', 'append'].map((name) => [name, () => {}]),
  );
  return { ...lines, show() {}, dispose() {}, onDidChangeLogLevel: event() };
}

/** Names what is asked for and is not there. */
function strict(path: string, members: object): object {
  return new Proxy(members, {
    get(target, name) {
      // A promise asks every value for `then`.
      if (typeof name === 'symbol' || name === 'then' || name in target) return Reflect.get(target, name) as unknown;
      throw new Error(`Activation asks for ${path}.${name}, which bench/activation/standInVscode.ts lacks.`);
    },
  });
}

function memento(): object {
  const values = new Map<string, unknown>();
  return {
    keys: () => [...values.keys()],
    get: (key: string, fallback: unknown) => (values.has(key) ? values.get(key) : fallback),
    update: async (key: string, value: unknown) => void values.set(key, value),
  };
}

const uri = (path: string): object => ({
  scheme: 'file',
  path,
  fsPath: path,
  toString: () => pathToFileURL(path).href,
});

type Kind = 'commands' | 'views' | 'taskProviders' | 'statusItems';

/** @param registered counts what the extension registers. */
export function createVscode(registered: Record<Kind, number>): object {
  const count = (kind: Kind, made: object): object => {
    registered[kind]++;
    return made;
  };
  const namespaces: Record<string, object> = {
    window: {
      state: { focused: true, active: true },
      terminals: [],
      createOutputChannel: log,
      createStatusBarItem: () => count('statusItems', { show() {}, hide() {}, dispose() {} }),
      createTreeView: () => count('views', { dispose() {}, onDidChangeVisibility: event(), visible: false }),
      onDidChangeWindowState: event(),
      tabGroups: { all: [], onDidChangeTabs: event() },
      registerWebviewPanelSerializer: disposable,
    },
    workspace: {
      isTrusted: true,
      workspaceFolders: [],
      onDidChangeConfiguration: event(),
      onDidChangeWorkspaceFolders: event(),
      onDidGrantWorkspaceTrust: event(),
      registerTextDocumentContentProvider: disposable,
      getConfiguration: () => ({ get: (_key: string, fallback: unknown) => fallback }),
    },
    commands: {
      registerCommand: () => count('commands', disposable()),
      executeCommand: async () => undefined,
    },
    tasks: {
      taskExecutions: [],
      registerTaskProvider: () => count('taskProviders', disposable()),
      onDidStartTask: event(),
      onDidEndTask: event(),
      onDidStartTaskProcess: event(),
      onDidEndTaskProcess: event(),
    },
    languages: { createDiagnosticCollection: () => ({ set() {}, clear() {}, dispose() {} }) },
    l10n: { t: (message: string) => message },
    env: { language: 'en', remoteName: undefined },
    extensions: { getExtension: () => undefined, onDidChange: event() },
    StatusBarAlignment: { Left: 1, Right: 2 },
    Disposable,
    EventEmitter,
  };
  for (const [name, members] of Object.entries(namespaces)) {
    if (typeof members === 'object') namespaces[name] = strict(`vscode.${name}`, members);
  }
  return strict('vscode', namespaces);
}

/** What VS Code hands to activate(). */
export function createContext(extensionFolder: string, storage: string): object {
  return strict('context', {
    subscriptions: [],
    extension: { id: 'active-learning-yolo.active-learning-yolo' },
    extensionPath: extensionFolder,
    extensionUri: uri(extensionFolder),
    globalStorageUri: uri(join(storage, 'global')),
    storageUri: uri(join(storage, 'workspace')),
    globalState: memento(),
    workspaceState: memento(),
    asAbsolutePath: (path: string) => join(extensionFolder, path),
  });
}
