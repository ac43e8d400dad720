// What a test decides and reads of the VS Code without a window, and what a person does beside the extension.
import { basename } from 'node:path';
import { Disposable, EventEmitter, Uri } from './fakeTypes.ts';

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
  /** What stands above the tree. */
  message: '',
  /** Resolves before a search for files ends. */
  search: Promise.resolve() as Promise<unknown>,
  /** What the person chooses of a list or of the buttons below a message, by its label; undefined leaves it. */
  choose: (_text: string, _labels: readonly string[]): string | undefined => undefined,
  /** The items of the lists that were shown. */
  lists: [] as (readonly Item[])[],
  /** The panels that were opened. */
  panels: [] as { readonly title: string }[],
  /** What makes the documents of a scheme. */
  documents: new Map<string, { provideTextDocumentContent(uri: Uri): Promise<string> }>(),
  /** Documents that were opened. */
  opened: [] as { readonly title: string; readonly text: string }[],
  /** Context keys that the extension has set. */
  contexts: new Map<string, unknown>(),
  status: null as StatusBar | null,
  /** Extensions that are installed beside ours: what they export. */
  extensions: new Map<string, unknown>(),
};

/** The item in the status bar, as it was shown last; null where it is hidden. */
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

const sightNews = new EventEmitter<Sight>();

/** Writes down what a person saw. */
export function see(sight: Sight): void {
  desk.seen.push(sight);
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

/** An event of VS Code that does not come. */
export const never = (): Disposable => new Disposable();

export const settingsNews = new EventEmitter<{ affectsConfiguration(name: string): boolean }>();
export const filesNews = new EventEmitter<Uri>();
export const foldersNews = new EventEmitter<{
  readonly added: readonly WorkspaceFolder[];
  readonly removed: readonly WorkspaceFolder[];
}>();

export const workspaceFolders = (): readonly WorkspaceFolder[] =>
  (desk.folder === null ? [] : [desk.folder, ...desk.others]).map((path, index) => ({
    uri: new Uri(path),
    name: basename(path),
    index,
  }));

/** Changes a setting as a person does. */
export function changeSetting(name: string, value: unknown): void {
  desk.settings.set(name, value);
  settingsNews.fire({ affectsConfiguration: (part) => name === part || name.startsWith(`${part}.`) });
}

/** A file or folder appears in the workspace. */
export function createFile(path: string): void {
  filesNews.fire(new Uri(path));
}

/** Takes one of the further folders out of the workspace. */
export function removeFolder(path: string): void {
  const removed = workspaceFolders().filter(({ uri }) => uri.fsPath === path);
  desk.others = desk.others.filter((other) => other !== path);
  foldersNews.fire({ added: [], removed });
}
