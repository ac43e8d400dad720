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
import { desk } from './support/fakeDesk.ts';
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
  desk.folder = join(home, 'workspace');
  desk.trusted = true;
  desk.settings = new Map();
  desk.seen = [];
  mkdirSync(desk.folder);
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

const inMetrics = (...names: string[]): string => join(desk.folder ?? '', '.active-learning', 'metrics', ...names);

/** Runs the command; the person types this, or leaves with Escape. */
async function begin(answer: (box: InputBox) => Promise<string | undefined>): Promise<void> {
  activate(context as unknown as Vscode.ExtensionContext);
  const ask = async (...values: unknown[]): Promise<string | undefined> => answer(values[0] as InputBox);
  vi.spyOn(fakeVscode.window, 'showInputBox').mockImplementation(ask as never);
  await fakeVscode.commands.executeCommand(commandIds.metricNew);
}

test('begins a plug-in that works, opens it, and leaves only it to a repository', async () => {
  await begin(async () => ' at-border ');
  expect(opened).toEqual([inMetrics('at-border.mjs')]);
  expect(readdirSync(inMetrics())).toEqual(['at-border.mjs', 'metric.d.ts']);
  expect(readFileSync(inMetrics('at-border.mjs'), 'utf8')).toContain("id: 'at-border'");
  expect(readFileSync(inMetrics('..', '.gitignore'), 'utf8')).toContain('!/metrics/**');
  const { ports, workspace } = await openFakePorts(desk.folder ?? '');
  const run = await ports.metricPlugins?.open();
  await run?.close();
  await workspace.close();
  expect(run?.metrics.map(({ id }) => id)).toEqual(['at-border']);
  expect(run?.faults).toEqual([]);
});

test('checks the name while it is typed: its letters, and every score that there is', async () => {
  await makeReviewWorkspace(desk.folder ?? '');
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
  const letters = 'Lower-case letters, digits and hyphens, at most 64, beginning with a letter, such as cut-off.';
  expect(problems).toEqual([
    'The score needs a name.',
    letters,
    letters,
    'There is a score "margin" already.',
    'There is a score "other-name" already.',
    'There is a score "one" already.',
    'There is a score "broken" already.',
    null,
  ]);
  // It was left with Escape.
  expect(opened).toEqual([]);
  expect(readdirSync(inMetrics())).toEqual(['broken.js', 'one.mjs']);
  expect(desk.seen.filter(({ kind }) => kind === 'message')).toEqual([]);
});

test('never writes over a file, even one that came meanwhile', async () => {
  const made = await openWorkspace({ folder: desk.folder ?? '' });
  await made.close();
  await begin(async ({ validateInput }) => {
    expect(await validateInput('mine')).toBeNull();
    mkdirSync(inMetrics(), { recursive: true });
    writeFileSync(inMetrics('mine.mjs'), 'my own work');
    return 'mine';
  });
  await vi.waitFor(() =>
    expect(desk.seen).toContainEqual(
      expect.objectContaining({ severity: 'error', text: expect.stringContaining('is there already') }),
    ),
  );
  expect(readFileSync(inMetrics('mine.mjs'), 'utf8')).toBe('my own work');
  expect(opened).toEqual([]);
});

test('asks nothing in Restricted Mode, where no plug-in may run', async () => {
  desk.trusted = false;
  const answer = vi.fn(async () => 'mine');
  await begin(answer);
  expect(answer).not.toHaveBeenCalled();
  expect(existsSync(inMetrics())).toBe(false);
});
