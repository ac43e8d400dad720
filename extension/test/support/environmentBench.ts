import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Vscode from 'vscode';
import { afterEach, beforeEach, vi } from 'vitest';
import { PythonEnvironment } from '../../src/host/environment/environment.ts';
import { editorState } from './editorState.ts';
import { makeFakePython, type FakePython } from './fakePython.ts';
import { fakeContext, fakeVscode } from './fakeVscode.ts';

export const pythonSetting = 'activeLearning.python.path';
/** The context key with the state of the environment. */
export const stateContext = 'activeLearning:environment.state';
/** The fake Pythons are shell scripts. */
export const onWindows = process.platform === 'win32';

export interface EnvironmentBench {
  readonly home: string;
  readonly context: ReturnType<typeof fakeContext>;
  readonly log: Vscode.LogOutputChannel;
  /** A Python on the PATH, and one that is not. */
  readonly first: FakePython;
  readonly second: FakePython;
  /** The environment as a new window sees it: the memory of the workspace survives a window. */
  openWindow(): PythonEnvironment;
  folderAt(index: number): Vscode.WorkspaceFolder;
  /** The folder of the environments that the extension creates. */
  environments(): string;
}

/** A fake editor with two folders and two Pythons, new for each test of the file. The file mocks `vscode` first. */
export function environmentBench(): EnvironmentBench {
  let home = '';
  let context: ReturnType<typeof fakeContext>;
  let log: Vscode.LogOutputChannel;
  let first: FakePython;
  let second: FakePython;

  beforeEach(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'al environment ')));
    const extensionFolder = join(home, 'extension');
    mkdirSync(join(extensionFolder, 'trainer'), { recursive: true });
    writeFileSync(join(extensionFolder, 'trainer', 'requirements.txt'), 'ultralytics==8.4.190\n');
    context = fakeContext(extensionFolder, join(home, 'storage'));
    log = fakeVscode.window.createOutputChannel() as unknown as Vscode.LogOutputChannel;
    editorState.folder = join(home, 'left');
    editorState.others = [join(home, 'right')];
    for (const folder of [editorState.folder, ...editorState.others]) mkdirSync(folder);
    editorState.trusted = true;
    editorState.settings = new Map();
    editorState.extensions = new Map();
    editorState.seen = [];
    editorState.lists = [];
    editorState.contexts = new Map();
    editorState.choose = () => undefined;
    first = makeFakePython(join(home, 'one', 'python3'));
    second = makeFakePython(join(home, 'two', 'python3'));
    vi.stubEnv('PATH', join(home, 'one'));
  });

  afterEach(() => {
    vi.unstubAllEnvs();
    for (const item of context.subscriptions) item.dispose();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
    editorState.others = [];
    editorState.extensions = new Map();
  });

  return {
    get home() {
      return home;
    },
    get context() {
      return context;
    },
    get log() {
      return log;
    },
    get first() {
      return first;
    },
    get second() {
      return second;
    },
    openWindow() {
      const environment = new PythonEnvironment(context as unknown as Vscode.ExtensionContext, log);
      context.subscriptions.push(environment);
      return environment;
    },
    folderAt: (index) => fakeVscode.workspace.workspaceFolders?.[index] as unknown as Vscode.WorkspaceFolder,
    environments: () => join(home, 'storage', 'environments'),
  };
}
