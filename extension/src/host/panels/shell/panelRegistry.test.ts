import { beforeEach, expect, test, vi } from 'vitest';
import type * as vscode from 'vscode';
import type { FolderContext } from '../../workspace/folderContext.ts';
import type { FolderRegistry } from '../../workspace/folderRegistry.ts';
import { PanelRegistry, type ManagedPanel } from './panelRegistry.ts';

const editor = vi.hoisted(() => ({
  context: new Map<string, unknown>(),
  folders: [] as { uri: string }[],
  restore: undefined as ((panel: unknown, state: unknown) => Promise<void>) | undefined,
  made: [] as unknown[],
}));

vi.mock('vscode', async () => {
  const { fakeVscode } = await import('../../../../test/support/fakeVscode.ts');
  return {
    ...fakeVscode,
    window: {
      ...fakeVscode.window,
      createWebviewPanel: () => {
        const panel = makePanel();
        editor.made.push(panel);
        return panel;
      },
      registerWebviewPanelSerializer: (_type: string, serializer: { deserializeWebviewPanel: never }) => {
        editor.restore = serializer.deserializeWebviewPanel;
        return new fakeVscode.Disposable();
      },
    },
    workspace: {
      get workspaceFolders() {
        return editor.folders;
      },
    },
    commands: {
      executeCommand: async (id: string, key: string, value: unknown) => {
        if (id === 'setContext') editor.context.set(key, value);
      },
    },
  };
});

/** A panel as VS Code hands it out: once it is gone, its state cannot be read any more. */
function makePanel() {
  const onView = new Set<() => void>();
  const onGone = new Set<() => void>();
  let gone = false;
  let front = true;
  return {
    title: '',
    webview: { html: '' },
    visible: true,
    get active() {
      if (gone) throw new Error('Webview is disposed');
      return front;
    },
    get gone() {
      return gone;
    },
    bring(toFront: boolean) {
      front = toFront;
      for (const listener of onView) listener();
    },
    onDidChangeViewState: (listener: () => void) => void onView.add(listener),
    onDidDispose: (listener: () => void) => void onGone.add(listener),
    reveal() {},
    dispose() {
      if (gone) return;
      gone = true;
      for (const listener of onGone) listener();
    },
  };
}
type FakePanel = ReturnType<typeof makePanel>;

const contextKey = 'activeLearning:review.active';
const home = 'file:///home';
const folder = { folder: { uri: home } } as unknown as FolderContext;

/** What the test decides: whether the folder opens, and what then fills a panel. */
let opens: () => Promise<FolderContext | null>;
let fails: Error | null;
let changed: (folder: FolderContext | undefined) => void;
let created: number[];

function createRegistry(): PanelRegistry<ManagedPanel> {
  const folders = {
    open: () => opens(),
    onDidChange: (listener: typeof changed) => {
      changed = listener;
      return { dispose() {} };
    },
  } as unknown as FolderRegistry;
  const log = { debug() {}, warn() {}, error() {} } as unknown as vscode.LogOutputChannel;
  return new PanelRegistry<ManagedPanel>({
    kind: { viewType: 'activeLearning.review', bundle: 'review' },
    contextKey,
    folders,
    log,
    create: async (panel, _folder, { sessionId }) => {
      if (fails !== null) throw fails;
      created.push(sessionId);
      return { panel, refresh: async () => {} };
    },
  });
}

/** Restores a panel as VS Code does after a reload. */
async function restored(sessionId: number): Promise<FakePanel> {
  const panel = makePanel();
  await editor.restore?.(panel, { identity: { folder: home, sessionId, iterationId: null } });
  return panel;
}

beforeEach(() => {
  editor.context.clear();
  editor.made.length = 0;
  editor.folders = [{ uri: home }];
  opens = async () => folder;
  fails = null;
  created = [];
});

async function shown(registry: PanelRegistry<ManagedPanel>, sessionId: number): Promise<FakePanel> {
  await registry.show(folder, { folder: home, sessionId, iterationId: null });
  return editor.made.at(-1) as FakePanel;
}

test('a panel that closes in the background does not affect the active one', async () => {
  const registry = createRegistry();
  const behind = await shown(registry, 1);
  behind.bring(false);
  expect(editor.context.get(contextKey)).toBe(false);
  const front = await shown(registry, 2);
  expect(editor.context.get(contextKey)).toBe(true);
  behind.dispose();
  expect(editor.context.get(contextKey)).toBe(true);
  expect(registry.active?.panel).toBe(front);
  front.bring(false);
  expect(editor.context.get(contextKey)).toBe(false);
  front.bring(true);
  front.dispose();
  expect(editor.context.get(contextKey)).toBe(false);
});

test('after a reload, a panel whose session is gone closes', async () => {
  createRegistry();
  fails = Object.assign(new Error('There is no session 7.'), { code: 'not-found' });
  expect((await restored(7)).gone).toBe(true);
  expect(editor.context.get(contextKey)).not.toBe(true);
});

test('after a reload, a panel waits for its database, shows a message, and is restored once', async () => {
  createRegistry();
  opens = async () => null;
  const panel = await restored(3);
  expect(panel.gone).toBe(false);
  expect(panel.webview.html).toContain('This panel is restored when its folder is open and trusted.');
  changed(undefined);
  await vi.waitFor(() => expect(created).toEqual([]));
  opens = async () => folder;
  changed(folder);
  await vi.waitFor(() => expect(created).toEqual([3]));
  changed(folder);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(created).toEqual([3]);
  expect(panel.gone).toBe(false);
});

test('a waiting panel closes if its session no longer exists, and is not restored again', async () => {
  createRegistry();
  editor.folders = [];
  const panel = await restored(4);
  expect(panel.webview.html).toContain('is restored');
  editor.folders = [{ uri: home }];
  fails = Object.assign(new Error('There is no session 4.'), { code: 'not-found' });
  changed(folder);
  await vi.waitFor(() => expect(panel.gone).toBe(true));
  fails = null;
  changed(folder);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(created).toEqual([]);
});

test('a waiting panel that the user closes is not restored', async () => {
  createRegistry();
  opens = async () => null;
  const panel = await restored(5);
  panel.dispose();
  opens = async () => folder;
  changed(folder);
  await new Promise((resolve) => setTimeout(resolve, 10));
  expect(created).toEqual([]);
});

test('a second panel of the same session, and one without an identity, are closed', async () => {
  const registry = createRegistry();
  await shown(registry, 1);
  expect((await restored(1)).gone).toBe(true);
  const panel = makePanel();
  await editor.restore?.(panel, null);
  expect(panel.gone).toBe(true);
});
