// What the window of the VS Code without a window shows: messages, questions, the log, the tree, panels, the status bar.
import { editorState, never, see, show, type Item, type TreeProvider } from './editorState.ts';
import { FakeInput, pressed } from './fakeInput.ts';
import type { Uri } from './fakeTypes.ts';

interface Way {
  readonly title?: string;
  readonly command?: string;
  readonly modal?: boolean;
  readonly detail?: string;
}

export const nothing = (): void => {};

export function message(severity: string) {
  return async (text: string, ...items: readonly (string | Way)[]): Promise<string | Way | undefined> => {
    const ways = items.filter((item) => typeof item === 'string' || item.title !== undefined);
    const options = items.filter((item) => typeof item !== 'string' && item.modal === true);
    const detail = options.map((item) => (typeof item === 'string' ? '' : (item.detail ?? ''))).join('');
    const offers = ways.map((way) => (typeof way === 'string' ? way : (way.command ?? way.title ?? '')));
    see({ kind: 'message', severity: options.length > 0 ? 'modal' : severity, text, detail, offers });
    const titles = ways.map((way) => (typeof way === 'string' ? way : (way.title ?? '')));
    return pressed(ways) ?? ways[titles.indexOf(editorState.choose(text, titles) ?? '')];
  };
}

export function input(kind: 'list' | 'input') {
  return () => new FakeInput(kind, () => show(kind));
}

interface BoxOptions {
  readonly title?: string;
  readonly value?: string;
  readonly prompt?: string;
  readonly validateInput?: (typed: string) => string | null;
}

/** An input box that validates, and answers with its text. */
export function showInputBox({ title, value = '', prompt, validateInput }: BoxOptions): Promise<string | undefined> {
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
export async function showQuickPick<T extends Item>(
  items: readonly T[],
  { title, placeHolder }: { readonly title?: string; readonly placeHolder?: string } = {},
): Promise<T | undefined> {
  editorState.lists.push(items);
  const labels = items.map(({ label }) => label);
  const chosen = editorState.choose(title ?? placeHolder ?? '', labels);
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

export function createStatusBarItem() {
  const item = { text: '', command: { command: '' }, hide: () => void (editorState.status = null), dispose: nothing };
  return Object.assign(item, { show: () => void (editorState.status = { text: item.text, command: item.command }) });
}

export function outputChannel() {
  const levels = { trace: nothing, debug: nothing, info: nothing, warn: nothing, error: nothing };
  return { ...levels, show: () => show('log'), dispose: nothing };
}

export function createTreeView(_id: string, { treeDataProvider }: { treeDataProvider: TreeProvider }) {
  editorState.tree = treeDataProvider;
  const read = (): void => void treeDataProvider.getChildren();
  setImmediate(read);
  const subscription = treeDataProvider.onDidChangeTreeData(() => {
    show('tree');
    read();
  });
  return {
    visible: true,
    set message(text: string) {
      editorState.message = text;
    },
    dispose: () => subscription.dispose(),
  };
}

export function createWebviewPanel(viewType: string, title: string) {
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
  editorState.panels.push(panel);
  return panel;
}
