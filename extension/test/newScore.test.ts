import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type * as Vscode from 'vscode';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openWorkspace } from '../src/composition/workspace.ts';
import { commandIds } from '../src/host/ids.ts';
import { editorState } from './support/editorState.ts';
import { fakeContext, fakeVscode } from './support/fakeVscode.ts';
import { makeReviewWorkspace } from './support/reviewWorkspace.ts';
import { openFakePorts } from './support/fakePorts.ts';

vi.mock('vscode', () => fakeVscode);
const { activate, deactivate } = await import('../src/host/activate.ts');

interface InputBox {
  readonly validateInput: (typed: string) => Promise<string | null>;
}

let home = '';
let context: ReturnType<typeof fakeContext>;
/** What was opened in an editor. */
let opened: string[] = [];

beforeEach(() => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'al metric ')));
  context = fakeContext(join(home, 'extension'), join(home, 'storage'));
  editorState.folder = join(home, 'workspace');
  editorState.trusted = true;
  editorState.settings = new Map();
  editorState.seen = [];
  mkdirSync(editorState.folder);
  opened = [];
  vi.spyOn(fakeVscode.window, 'showTextDocument').mockImplementation(async (...values: unknown[]) => {
    opened.push((values[0] as { fsPath: string }).fsPath);
  });
});

afterEach(async () => {
  vi.restoreAllMocks();
  await deactivate();
  for (const item of context.subscriptions.toReversed()) item.dispose();
  rmSync(home, { recursive: true, force: true, maxRetries: 5 });
});

const inMetrics = (...names: string[]): string =>
  join(editorState.folder ?? '', '.active-learning', 'metrics', ...names);

/** Runs the command; the person types this, or leaves with Escape. */
async function begin(answer: (box: InputBox) => Promise<string | undefined>): Promise<void> {
  activate(context as unknown as Vscode.ExtensionContext);
  const ask = async (...values: unknown[]): Promise<string | undefined> => answer(values[0] as InputBox);
  vi.spyOn(fakeVscode.window, 'showInputBox').mockImplementation(ask as never);
  await fakeVscode.commands.executeCommand(commandIds.scoreNew);
}

test('creates a working plug-in, opens it, and only excludes the other files from Git', async () => {
  await begin(async () => ' at-border ');
  expect(opened).toEqual([inMetrics('at-border.mjs')]);
  expect(readdirSync(inMetrics())).toEqual(['at-border.mjs', 'metric.d.ts']);
  expect(readFileSync(inMetrics('at-border.mjs'), 'utf8')).toContain("id: 'at-border'");
  expect(readFileSync(inMetrics('..', '.gitignore'), 'utf8')).toContain('!/metrics/**');
  const { ports, workspace } = await openFakePorts(editorState.folder ?? '');
  const run = await ports.scorePlugins?.open();
  await run?.close();
  await workspace.close();
  expect(run?.scores.map(({ id }) => id)).toEqual(['at-border']);
  expect(run?.faults).toEqual([]);
});

test('validates the name while the user types: its characters and existing scores', async () => {
  await makeReviewWorkspace(editorState.folder ?? '');
  mkdirSync(inMetrics(), { recursive: true });
  const code = "export default { id: 'other-name', title: 'T', description: 'D', compute: () => 0 };\n";
  writeFileSync(inMetrics('one.mjs'), code);
  writeFileSync(inMetrics('broken.js'), 'export default 7;\n');
  let problems: (string | null)[] = [];
  await begin(async ({ validateInput }) => {
    const typed = ['', 'Cut off', '../up', 'margin', 'other-name', 'one', 'broken', ' free '];
    problems = await Promise.all(typed.map((name) => validateInput(name)));
    return undefined;
  });
  const letters = 'Use up to 64 lowercase letters, digits and hyphens, starting with a letter, such as cut-off.';
  expect(problems).toEqual([
    'Enter a name for the score.',
    letters,
    letters,
    'A score named "margin" already exists.',
    'A score named "other-name" already exists.',
    'A score named "one" already exists.',
    'A score named "broken" already exists.',
    null,
  ]);
  // It was left with Escape.
  expect(opened).toEqual([]);
  expect(readdirSync(inMetrics())).toEqual(['broken.js', 'one.mjs']);
  expect(editorState.seen.filter(({ kind }) => kind === 'message')).toEqual([]);
});

test('never overwrites a file, even one that was created meanwhile', async () => {
  const made = await openWorkspace({ folder: editorState.folder ?? '' });
  await made.close();
  await begin(async ({ validateInput }) => {
    expect(await validateInput('mine')).toBeNull();
    mkdirSync(inMetrics(), { recursive: true });
    writeFileSync(inMetrics('mine.mjs'), 'my own work');
    return 'mine';
  });
  await vi.waitFor(() =>
    expect(editorState.seen).toContainEqual(
      expect.objectContaining({ severity: 'error', text: expect.stringContaining('is there already') }),
    ),
  );
  expect(readFileSync(inMetrics('mine.mjs'), 'utf8')).toBe('my own work');
  expect(opened).toEqual([]);
});

test('asks nothing in Restricted Mode', async () => {
  editorState.trusted = false;
  const answer = vi.fn(async () => 'mine');
  await begin(answer);
  expect(answer).not.toHaveBeenCalled();
  expect(existsSync(inMetrics())).toBe(false);
});
