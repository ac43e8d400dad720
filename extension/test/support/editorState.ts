// The state of the fake VS Code: what a test sets and reads, and actions of the user outside of the extension.
import { basename } from 'node:path';
import { Disposable, EventEmitter, Uri } from './fakeTypes.ts';

/** Something that the user sees. */
export type UserVisibleEvent =
  | {
      readonly kind: 'message';
      readonly severity: string;
      readonly text: string;
      /** The detail text of a dialog. */
      readonly detail: string;
      readonly offers: readonly string[];
    }
  /** A question, a list, a dialog, an editor, a panel, a view, the log, or a command of VS Code. */
  | { readonly kind: 'shown'; readonly what: string };

/** The state that a test sets and reads. */
export const editorState = {
  folder: null as string | null,
  trusted: true,
  /** Additional folders of the workspace. */
  others: [] as string[],
  settings: new Map<string, unknown>(),
  seen: [] as UserVisibleEvent[],
  /** The kind of remote that the window is connected to. */
  remoteName: undefined as string | undefined,
  clipboard: '',
  /** Progress notifications are cancelled immediately. */
  cancelsProgress: false,
  tree: null as TreeProvider | null,
  /** The message above the tree. */
  message: '',
  /** A search for files waits for this promise. */
  search: Promise.resolve() as Promise<unknown>,
  /** Selects a row of a list or a button of a message by its label; undefined closes it. */
  choose: (_text: string, _labels: readonly string[]): string | undefined => undefined,
  /** The items of the lists that were shown. */
  lists: [] as (readonly Item[])[],
  /** The panels that were opened. */
  panels: [] as { readonly title: string }[],
  /** The content providers by scheme. */
  documents: new Map<string, { provideTextDocumentContent(uri: Uri): Promise<string> }>(),
  /** The opened documents. */
  opened: [] as { readonly title: string; readonly text: string }[],
  /** The context keys that the extension set. */
  contexts: new Map<string, unknown>(),
  status: null as StatusBar | null,
  /** The exports of other installed extensions. */
  extensions: new Map<string, unknown>(),
};

/** The status bar item; null while it is hidden. */
export interface StatusBar {
  readonly text: string;
  readonly command: { readonly command: string; readonly arguments?: readonly unknown[] };
}

export interface Item {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
}

export interface TreeProvider {
  readonly onDidChangeTreeData: (listener: () => void) => Disposable;
  getChildren(entry?: unknown): Promise<readonly unknown[]>;
}

export interface WorkspaceFolder {
  readonly uri: Uri;
  readonly name: string;
  readonly index: number;
}

const sightNews = new EventEmitter<UserVisibleEvent>();

/** Writes down what a person saw. */
export function see(sight: UserVisibleEvent): void {
  editorState.seen.push(sight);
  sightNews.fire(sight);
}

/** Writes down that a person saw something that is no message. */
export function show(what: string): void {
  see({ kind: 'shown', what });
}

/** Whether a person sees something within this time. */
export function nextSight(milliseconds: number): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (isSeen: boolean): void => {
      clearTimeout(timer);
      listener.dispose();
      resolve(isSeen);
    };
    const timer = setTimeout(() => end(false), milliseconds);
    const listener = sightNews.event(() => end(true));
  });
}

/** An event that never fires. */
export const never = (): Disposable => new Disposable();

export const settingsNews = new EventEmitter<{ affectsConfiguration(name: string): boolean }>();
export const filesNews = new EventEmitter<Uri>();
export const foldersNews = new EventEmitter<{
  readonly added: readonly WorkspaceFolder[];
  readonly removed: readonly WorkspaceFolder[];
}>();

export const workspaceFolders = (): readonly WorkspaceFolder[] =>
  (editorState.folder === null ? [] : [editorState.folder, ...editorState.others]).map((path, index) => ({
    uri: new Uri(path),
    name: basename(path),
    index,
  }));

/** Changes a setting like the user does. */
export function changeSetting(name: string, value: unknown): void {
  editorState.settings.set(name, value);
  settingsNews.fire({ affectsConfiguration: (part) => name === part || name.startsWith(`${part}.`) });
}

/** Creates a file or folder in the workspace. */
export function createFile(path: string): void {
  filesNews.fire(new Uri(path));
}

/** Removes one of the additional folders from the workspace. */
export function removeFolder(path: string): void {
  const removed = workspaceFolders().filter(({ uri }) => uri.fsPath === path);
  editorState.others = editorState.others.filter((other) => other !== path);
  foldersNews.fire({ added: [], removed });
}
