import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Frame, Page } from 'playwright-core';
import { cacheFolder } from '../../../../scripts/lib/editor/paths.ts';
import {
  startServer,
  workspaceUrl,
  type EditorServer,
  type ServerOptions,
} from '../../../../scripts/lib/editor/server.ts';
import { seedTestSettings, settingsFile } from '../../../../scripts/lib/editor/settings.ts';
import type { ExtensionHost } from './evaluator.ts';
import { openPage, windowSizes, type ConsoleError, type PageElement, type TestPage, type WindowSize } from './page.ts';
import { findWebview, Notifications, TreeView } from './parts.ts';
import { appearLimit, poll } from './poll.ts';
import { QuickInput } from './quickInput.ts';
import type { SharedServer } from './serverSetup.ts';

const startLimit = 120_000;
const defaultOutput = join(cacheFolder(), 'editor-tests');

/** The themes that ship with VS Code: name in the list of themes and in settings, class of the window. */
const themes = {
  light: { label: 'Light Modern', id: 'Light Modern', kind: 'vs' },
  dark: { label: 'Dark Modern', id: 'Dark Modern', kind: 'vs-dark' },
  highContrast: { label: 'Dark High Contrast', id: 'Default High Contrast', kind: 'hc-black' },
  highContrastLight: { label: 'Light High Contrast', id: 'Default High Contrast Light', kind: 'hc-light' },
} as const;

export type ThemeName = keyof typeof themes;

/** The part of a server that a window needs. */
type WindowServer = Pick<EditorServer, 'url' | 'userDataFolder' | 'tail' | 'stop'>;

export interface EditorOptions extends ServerOptions {
  size?: WindowSize;
  /** Where screenshots and dumps go; by default `editor-tests` in the cache. */
  outputFolder?: string;
}

/** Waits until VS Code has drawn its parts and its side bar knows the folder. */
export async function waitForWorkbench(page: Page): Promise<void> {
  await page.locator('.monaco-workbench .part.statusbar .statusbar-item').first().waitFor({ timeout: startLimit });
  await page.locator('.monaco-workbench .part.editor .content').first().waitFor({ timeout: startLimit });
}

/** A real VS Code in a browser, driven as a user would. Make one with `openEditor`, end it with `close`. */
export class Editor {
  readonly page: Page;
  readonly server: WindowServer;
  readonly quickInput: QuickInput;
  readonly notifications: Notifications;
  readonly outputFolder: string;
  readonly #testPage: TestPage;

  constructor(server: WindowServer, testPage: TestPage, outputFolder: string) {
    this.server = server;
    this.#testPage = testPage;
    this.page = testPage.page;
    this.quickInput = new QuickInput(testPage.page);
    this.notifications = new Notifications(testPage.page);
    this.outputFolder = outputFolder;
  }

  /** Runs a command of the palette by its full name, such as "Active Learning: New training session…". */
  async runCommand(title: string): Promise<void> {
    await this.quickInput.runCommand(title);
  }

  /** A tree view by its title. */
  tree(title: string | RegExp): TreeView {
    return new TreeView(this.page, title);
  }

  /** Opens a view container of the activity bar by its title. */
  async openViewContainer(title: string): Promise<void> {
    const tab = this.page.locator('.activitybar').getByRole('tab', { name: title }).first();
    if ((await tab.getAttribute('aria-expanded')) !== 'true') await tab.click();
  }

  /** The frame of the webview that holds an element. */
  async webview(selector: string): Promise<Frame> {
    return findWebview(this.page, selector);
  }

  /** The titles of the open editors. */
  async editorTitles(): Promise<string[]> {
    const labels = await this.page.locator('.part.editor .tabs-container .tab .label-name').allTextContents();
    return labels.map((label) => label.trim());
  }

  /** What a screen reader says of the status-bar items. */
  async statusItems(): Promise<string[]> {
    const items = this.page.locator('.part.statusbar .statusbar-item');
    const texts = await items.evaluateAll((all: PageElement[]) => all.map((item) => item.getAttribute('aria-label')));
    return texts.filter((text) => text !== null && text !== '').map(String);
  }

  /** Waits for a status-bar item that says a text. */
  async waitForStatus(text: string): Promise<void> {
    await poll(`the status bar to say ${text}`, appearLimit, async () =>
      (await this.statusItems()).some((item) => item.includes(text)) ? true : undefined,
    );
  }

  /** Waits until the window has drawn its parts. Commands of extensions may need a moment more; `runCommand` waits. */
  async waitUntilReady(): Promise<void> {
    await waitForWorkbench(this.page);
  }

  /** "Developer: Reload Window", until the new window is there. The extension host starts anew; terminals live on. */
  async reloadWindow(): Promise<void> {
    await this.storeOpenEditors();
    await this.page.evaluate('window.beforeReload = true');
    await this.runCommand('Developer: Reload Window');
    await poll('the reload', startLimit, async () =>
      (await this.page.evaluate('window.beforeReload === true')) === false ? true : undefined,
    );
    await this.waitUntilReady();
  }

  /** Changes user settings and leaves the others. The window reads them when it reloads: it does not watch the file. */
  async changeSettings(changes: Record<string, unknown>): Promise<void> {
    const file = settingsFile(this.server.userDataFolder);
    const settings = JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
    writeFileSync(file, JSON.stringify({ ...settings, ...changes }, null, 2));
    await this.reloadWindow();
  }

  /**
   * Switches the colour theme, until the window wears it.
   * @param host does it by the settings, where a list would close what is open; without it, it is done as a user does.
   */
  async setTheme(name: ThemeName, host?: ExtensionHost): Promise<void> {
    const { label, id, kind } = themes[name];
    if (host === undefined) await this.#chooseTheme(label);
    else {
      await host.run(async (vscode, theme) => {
        await vscode.workspace.getConfiguration('workbench').update('colorTheme', theme, true);
      }, id);
    }
    const window = this.page.locator('.monaco-workbench').first();
    await poll(
      `the theme ${label}`,
      appearLimit,
      async () => ((await window.getAttribute('class')) ?? '').split(' ').includes(kind) || undefined,
    );
  }

  async #chooseTheme(label: string): Promise<void> {
    await this.runCommand('Preferences: Color Theme');
    await this.quickInput.waitFor(/theme/i);
    await this.quickInput.fill(label);
    await this.quickInput.pick(label);
    await this.quickInput.waitUntilClosed();
  }

  /**
   * Has the window lose the focus and get it again, as when the user looks at another program. VS Code stores its open
   * editors then, once a minute, and never when the window closes in a browser.
   */
  async storeOpenEditors(): Promise<void> {
    await this.page.evaluate(`{
      document.hasFocus = () => false;
      document.dispatchEvent(new Event('visibilitychange'));
      delete document.hasFocus;
      document.dispatchEvent(new Event('visibilitychange'));
    }`);
    // Until the write to the browser's database is through.
    await this.page.waitForTimeout(500);
  }

  async setSize(size: WindowSize | { width: number; height: number }): Promise<void> {
    await this.page.setViewportSize(typeof size === 'string' ? windowSizes[size] : size);
  }

  /** Saves a picture of the window. @returns its path. */
  async screenshot(name: string): Promise<string> {
    mkdirSync(this.outputFolder, { recursive: true });
    const path = join(this.outputFolder, `${name}.png`);
    await this.page.screenshot({ path, animations: 'disabled', caret: 'hide' });
    return path;
  }

  /** Errors of the page that are not known noise. */
  consoleErrors(ignore: readonly RegExp[] = []): readonly ConsoleError[] {
    return this.#testPage.consoleErrors(ignore);
  }

  /** Saves a picture, the frames, the console's and the server's last lines. @returns the folder with all of it. */
  async dump(name: string): Promise<string> {
    await this.screenshot(name).catch(() => undefined);
    mkdirSync(this.outputFolder, { recursive: true });
    const frames = this.page.frames().map((frame) => frame.url());
    const parts = [
      `Frames:\n${frames.join('\n')}`,
      `Console:\n${this.#testPage.consoleTail()}`,
      `Server:\n${this.server.tail()}`,
    ];
    writeFileSync(join(this.outputFolder, `${name}.log`), parts.join('\n\n'));
    return this.outputFolder;
  }

  /** Opens another window on the same workspace, as a second person would. Close it with `closeWindow`. */
  async openWindow(size: WindowSize = 'wide'): Promise<Editor> {
    const editor = new Editor(this.server, await openPage(size), this.outputFolder);
    await editor.page.goto(this.server.url, { waitUntil: 'commit' });
    await editor.waitUntilReady();
    return editor;
  }

  /** Closes the window, as a person does, and leaves the server to the others. */
  async closeWindow(): Promise<void> {
    // Leaving the page lets VS Code end its extension host; a browser that is gone would be waited for.
    await this.page.goto('about:blank').catch(() => undefined);
    await this.#testPage.close();
  }

  /** Closes the browser and ends the server with everything it started. */
  async close(): Promise<void> {
    await this.#testPage.close().catch(() => undefined);
    await this.server.stop();
  }
}

/**
 * Opens VS Code on a folder with an extension: `extensionFolder` for the working folder, `vsix` for a package.
 * Ask `missingForEditor` first, and skip with its sentence.
 */
export async function openEditor(options: EditorOptions): Promise<Editor> {
  const { size = 'wide', outputFolder = defaultOutput, ...serverOptions } = options;
  return openWindow(await startServer(serverOptions), size, outputFolder);
}

/** Opens a window with the product on the server of all test files, with its settings as for a new user. */
export async function openOnSharedServer(
  shared: SharedServer,
  { workspace, userSettings }: { readonly workspace: string; readonly userSettings?: Record<string, unknown> },
): Promise<Editor> {
  const { userDataFolder, logFile } = shared;
  seedTestSettings(userDataFolder, userSettings);
  rmSync(join(userDataFolder, 'User', 'keybindings.json'), { force: true });
  const server = {
    url: workspaceUrl(shared, workspace),
    userDataFolder,
    tail: (lines = 40) => readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-lines).join('\n'),
    stop: () => Promise.resolve(),
  };
  return openWindow(server, 'wide', defaultOutput);
}

async function openWindow(server: WindowServer, size: WindowSize, outputFolder: string): Promise<Editor> {
  let testPage: TestPage | undefined;
  try {
    testPage = await openPage(size);
    const editor = new Editor(server, testPage, outputFolder);
    await testPage.page.goto(server.url, { waitUntil: 'commit' });
    await editor.waitUntilReady();
    return editor;
  } catch (error) {
    await testPage?.close();
    await server.stop();
    throw error;
  }
}

/** Opens an editor for one piece of work and closes it; when the work fails, its state is saved under `name` first. */
export async function withEditor<T>(
  name: string,
  options: EditorOptions,
  work: (editor: Editor) => Promise<T>,
): Promise<T> {
  const editor = await openEditor(options);
  try {
    return await work(editor);
  } catch (error) {
    const folder = await editor.dump(`failed-${name}`);
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(`${message}\nA picture and the logs are in ${folder}.`, { cause: error });
  } finally {
    await editor.close();
  }
}
