// A window of VS Code without a screen: each test has one of its own, over a workspace folder of its own.
import { mkdirSync, mkdtempSync, realpathSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Vscode from 'vscode';
import { afterEach, beforeEach, vi } from 'vitest';
import { editorState, nextSight } from './editorState.ts';
import { script, type Act } from './fakeInput.ts';
import { fakeContext, fakeVscode } from './fakeVscode.ts';

/** The entry of the extension. Whoever imports it has put `fakeVscode` in the place of `vscode` before. */
interface Extension {
  activate(context: Vscode.ExtensionContext): void;
  deactivate(): Promise<void> | undefined;
}

export interface FakeWindow {
  /** A folder for the test; the workspace is in it. */
  readonly home: string;
  /** The workspace folder. */
  readonly folder: string;
  /** Activates the extension, and waits until it has looked around. */
  openWindow(): Promise<void>;
  /** Runs a command with a person who does this, and waits for its end. Fails where something is left to do. */
  run(command: string, acts: readonly Act[], argument?: unknown): Promise<void>;
}

interface Entry {
  readonly node: { readonly label: string };
}

/** The item of the sessions' tree with this label, as menus hand it to a command. */
export async function treeItem(label: string, below?: unknown): Promise<unknown> {
  for (const entry of (await editorState.tree?.getChildren(below)) ?? []) {
    if ((entry as Entry).node.label === label) return entry;
    const found = await treeItem(label, entry);
    if (found !== undefined) return found;
  }
  return undefined;
}

export function fakeWindow({ activate, deactivate }: Extension): FakeWindow {
  let home = '';
  let context: ReturnType<typeof fakeContext>;

  beforeEach(() => {
    home = realpathSync(mkdtempSync(join(tmpdir(), 'al commands ')));
    // Nobody has set up an environment: every training ends with an offer to do so.
    const extensionFolder = join(home, 'extension');
    mkdirSync(join(extensionFolder, 'trainer'), { recursive: true });
    mkdirSync(join(extensionFolder, 'dist', 'webview'), { recursive: true });
    context = fakeContext(extensionFolder, join(home, 'storage'));
    editorState.folder = join(home, 'workspace');
    editorState.trusted = true;
    editorState.settings = new Map([['activeLearning.python.path', join(home, 'no python')]]);
    editorState.remoteName = undefined;
    editorState.clipboard = '';
    editorState.cancelsProgress = false;
    editorState.search = Promise.resolve();
    script.acts = [];
    script.asked = [];
    mkdirSync(editorState.folder);
    // Nobody finds a Python either.
    vi.stubEnv('PATH', join(home, 'programs'));
  });

  afterEach(async () => {
    vi.unstubAllEnvs();
    await deactivate();
    for (const item of context.subscriptions.toReversed()) item.dispose();
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  });

  return {
    get home() {
      return home;
    },
    get folder() {
      return editorState.folder ?? '';
    },
    async openWindow() {
      editorState.seen = [];
      activate(context as unknown as Vscode.ExtensionContext);
      // The tree and the look for what was interrupted are through.
      await settled();
    },
    async run(command, acts, argument) {
      editorState.seen = [];
      script.asked = [];
      script.acts = [...acts];
      script.fault = null;
      await fakeVscode.commands.executeCommand(command, argument);
      if (script.fault !== null) throw script.fault;
      if (script.acts.length > 0) throw new Error(`Nothing asked for ${JSON.stringify(script.acts)}.`);
    },
  };
}

/** Until nothing new is seen for a while: views follow a change after a moment. */
async function settled(): Promise<void> {
  while (await nextSight(200));
}
