import { EventEmitter, once } from 'node:events';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import Database from 'better-sqlite3';
import type * as Vscode from 'vscode';
import { afterEach, beforeEach, describe, expect, onTestFinished, test, vi } from 'vitest';
import { commandIds } from '../src/host/ids.ts';
import { markerName } from '../src/host/workspace/storageMarker.ts';
import { changeSetting, createFile, editorState } from './support/editorState.ts';
import { makeFakePython, type FakePython } from './support/fakePython.ts';
import { fakeContext, fakeVscode } from './support/fakeVscode.ts';
import { makeReviewWorkspace } from './support/reviewWorkspace.ts';
import { holds } from './support/whenClause.ts';

vi.mock('vscode', () => fakeVscode);
const { activate, deactivate } = await import('../src/host/activate.ts');

const root = join(import.meta.dirname, '..', '..');
const texts = JSON.parse(readFileSync(join(root, 'package.nls.json'), 'utf8')) as Record<string, string>;
const { contributes } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
  contributes: {
    viewsWelcome: { contents: string; when: string }[];
    walkthroughs: { steps: { id: string; completionEvents: string[] }[] }[];
    menus: { commandPalette: { command: string; when: string }[] };
  };
};
const setting = 'activeLearning.python.path';
let home = '';
let context: ReturnType<typeof fakeContext>;
let python: FakePython;

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'al welcome ')));
  const extensionFolder = join(home, 'extension');
  mkdirSync(join(extensionFolder, 'trainer'), { recursive: true });
  context = fakeContext(extensionFolder, join(home, 'storage'));
  // A name that is left aside below the workspace.
  editorState.folder = join(home, 'runs', 'workspace');
  mkdirSync(editorState.folder, { recursive: true });
  python = makeFakePython(join(home, 'programs', 'python3'));
  vi.stubEnv('PATH', join(home, 'programs'));
  editorState.trusted = true;
  editorState.settings = new Map();
  editorState.seen = [];
  editorState.contexts = new Map();
});

afterEach(async () => {
  vi.unstubAllEnvs();
  await deactivate();
  for (const item of context.subscriptions.toReversed()) item.dispose();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

function openWindow(): void {
  activate(context as unknown as Vscode.ExtensionContext);
}

const workspace = (...parts: string[]): string => join(home, 'runs', 'workspace', ...parts);

/** The texts of the empty view, as VS Code chooses them. */
function welcomes(): string[] {
  const keys = new Map<string, unknown>(editorState.contexts);
  keys.set('workspaceFolderCount', editorState.folder === null ? 0 : 1).set('isWorkspaceTrusted', editorState.trusted);
  return contributes.viewsWelcome
    .filter(({ when }) => holds(when, keys))
    .map(({ contents }) => contents.replaceAll('%', '').replace('welcome.', ''));
}

const pythonState = (): unknown => editorState.contexts.get('activeLearning:environment.state');
const patience = { timeout: 15_000, interval: 50 };
const refresh = (): Promise<unknown> => fakeVscode.commands.executeCommand(commandIds.viewRefresh);
const state = (): unknown => editorState.contexts.get('activeLearning:view.state');

describe.skipIf(process.platform === 'win32')('the empty view', { timeout: 60_000 }, () => {
  test('without a folder asks for one', async () => {
    editorState.folder = null;
    openWindow();
    await expect.poll(welcomes, patience).toEqual(['noFolder']);
  });

  test('of an untrusted folder explains it, and starts no Python', async () => {
    editorState.trusted = false;
    openWindow();
    await expect.poll(welcomes, patience).toEqual(['untrusted']);
    expect(pythonState()).toBeUndefined();
  });

  test('without a dataset explains it until images are copied or a folder is moved here', async () => {
    openWindow();
    await expect.poll(welcomes, patience).toEqual(['noDataset']);
    writeFileSync(workspace('notes.txt'), '');
    createFile(workspace('notes.txt'));
    mkdirSync(workspace('Parts.v3i.yolov8'));
    for (const name of ['a.jpg', 'b.jpg']) writeFileSync(workspace('Parts.v3i.yolov8', name), '');
    createFile(workspace('Parts.v3i.yolov8'));
    await expect.poll(welcomes, patience).toEqual(['noSession']);
  });

  test('of a folder that cannot be searched asks for a dataset, and finds one later', async () => {
    const search = vi.spyOn(fakeVscode.workspace, 'findFiles').mockRejectedValue(new Error('ripgrep is gone'));
    onTestFinished(() => search.mockRestore());
    openWindow();
    await expect.poll(welcomes, patience).toEqual(['noDataset']);
    expect(editorState.seen.filter(({ kind }) => kind === 'message')).toEqual([]);
    search.mockRestore();
    writeFileSync(workspace('a.jpg'), '');
    createFile(workspace('a.jpg'));
    await expect.poll(welcomes, patience).toEqual(['noSession']);
  });

  test('watches nothing if the window closes during the search', async () => {
    const search = new EventEmitter();
    editorState.search = once(search, 'end');
    const looked = vi.spyOn(fakeVscode.workspace, 'findFiles');
    const watched = vi.spyOn(fakeVscode.workspace, 'createFileSystemWatcher');
    onTestFinished(() => {
      editorState.search = Promise.resolve();
      looked.mockRestore();
      watched.mockRestore();
    });
    openWindow();
    await expect.poll(() => looked.mock.calls.length, patience).toBeGreaterThan(1);
    for (const item of context.subscriptions.toReversed()) item.dispose();
    search.emit('end');
    await sleep(200);
    expect(watched).not.toHaveBeenCalled();
  });

  test('detects a new dataset file', async () => {
    openWindow();
    await expect.poll(welcomes, patience).toEqual(['noDataset']);
    mkdirSync(workspace('images'));
    writeFileSync(workspace('images', 'a.jpg'), '');
    writeFileSync(workspace('data.yaml'), 'path: .\ntrain: images\nnames: [a]\n');
    createFile(workspace('data.yaml'));
    await expect.poll(welcomes, patience).toEqual(['noSession']);
  });

  test('without a Python explains what training requires, and searches again on refresh', async () => {
    python.lacks('torch');
    openWindow();
    await expect.poll(welcomes, patience).toEqual(['noDataset', 'noPython']);
    python.works();
    await refresh();
    await expect.poll(pythonState, patience).toBe('ready');
    await expect.poll(welcomes, patience).toEqual(['noDataset']);
  });

  test('follows the setting for the Python', async () => {
    editorState.settings.set(setting, join(home, 'none'));
    openWindow();
    await expect.poll(welcomes, patience).toEqual(['noDataset', 'noPython']);
    changeSetting(setting, python.path);
    await expect.poll(pythonState, patience).toBe('ready');
    await expect.poll(welcomes, patience).toEqual(['noDataset']);
    changeSetting(setting, join(home, 'none either'));
    await expect.poll(pythonState, patience).toBe('missing');
    await expect.poll(welcomes, patience).toEqual(['noDataset', 'noPython']);
  });

  test('reports a damaged database, and shows the sessions once it is restored', async () => {
    await makeReviewWorkspace(workspace());
    const file = workspace('.active-learning', 'sessions.db');
    renameSync(file, `${file}.aside`);
    writeFileSync(file, 'this is no database, however long it may be'.repeat(50));
    openWindow();
    await expect.poll(welcomes, patience).toEqual(['damaged']);
    expect(state()).toBe('error');
    renameSync(`${file}.aside`, file);
    await refresh();
    await expect.poll(welcomes, patience).toEqual([]);
    expect(state()).toBe('sessions');
  });

  test('reports a locked database, and shows the sessions once it is released', async () => {
    await makeReviewWorkspace(workspace());
    const other = new Database(workspace('.active-learning', 'sessions.db'));
    other.pragma('locking_mode = EXCLUSIVE');
    other.exec('BEGIN EXCLUSIVE; COMMIT');
    openWindow();
    await expect.poll(welcomes, patience).toEqual(['locked']);
    other.close();
    await refresh();
    await expect.poll(welcomes, patience).toEqual([]);
    expect(state()).toBe('sessions');
  });

  test('shows the sessions of the folder in the setting, and the workspace activates the extension the next time', async () => {
    await makeReviewWorkspace(join(home, 'disk'));
    editorState.settings.set('activeLearning.storage.folder', join(home, 'disk'));
    openWindow();
    await expect.poll(state, patience).toBe('sessions');
    expect(readdirSync(workspace('.active-learning'))).toContain(markerName);
  });

  test('refers to the log for any other failure', async () => {
    await makeReviewWorkspace(workspace());
    const other = new Database(workspace('.active-learning', 'sessions.db'));
    other.pragma('user_version = 9999');
    other.close();
    openWindow();
    await expect.poll(welcomes, patience).toEqual(['error']);
    expect(editorState.contexts.get('activeLearning:view.error')).toBe('newer-version');
  });
});

test('the palette can refresh an empty view', () => {
  expect(contributes.menus.commandPalette.filter(({ command }) => command === commandIds.viewRefresh)).toEqual([]);
});

test('the buttons of the empty view use title case', () => {
  const buttons = Object.entries(texts)
    .filter(([key]) => key.startsWith('welcome.'))
    .flatMap(([, text]) => [...text.matchAll(/^\[([^\]]+)\]\(command:[^)]+\)$/gm)].map(([, label]) => label ?? ''));
  expect(buttons.length).toBeGreaterThan(5);
  expect(buttons.filter((label) => /(^| )[a-z]/.test(label))).toEqual([]);
});

test('each walkthrough step is completed by its result, not by its command', () => {
  const steps = contributes.walkthroughs.flatMap(({ steps: all }) => all);
  expect(steps.map(({ id, completionEvents }) => [id, completionEvents])).toEqual(
    ['environment', 'session', 'train', 'review', 'export'].map((id) => [id, [`onContext:activeLearning:done.${id}`]]),
  );
});
